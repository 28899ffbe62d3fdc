#pragma once

#include <functional>

#include <weir/net/loop.h>

namespace weir::net {

struct ReadableHandle;

/// Calls back on the loop whenever a file descriptor that is not weir's own has something to read: a terminal, a pipe.
/// The descriptor stays the caller's, and blocking if it was. No regular file: those are always readable, and epoll takes
/// none.
class Readable {
 public:
  Readable(Loop& loop, int fd, std::function<void()> on_readable);
  ~Readable();
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;

 private:
  friend struct ReadableHandle;

  std::function<void()> on_readable_;
  ReadableHandle* handle_;
};

}  // namespace weir::net
