#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include <weir/base/clock.h>

struct uv_loop_s;

namespace weir::net {

class Reaper;

/// One event loop (libuv) of one thread, with the read buffer that its streams share and the reaper of its objects.
/// Thread: everything but `Inbox::post` happens on the thread that calls `run`.
class Loop {
 public:
  /// One read never yields more. 32 KiB: larger reads leave runt segments on loopback and cost more CPU a byte.
  static constexpr std::size_t kReadBufferBytes = 32 * 1024;

  Loop();
  /// All handles must be closed by now (`run` returns only then); anything else is a bug.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until every handle is closed.
  void run();

  /// Runs what is ready and returns at once: for tests that drive a loop themselves.
  void run_once();

  /// When this turn of the loop saw its events: no system call, as old as the turn.
  TimePoint turn_time() const;

  /// How long the loop spent outside its wait in the last turn's account: see `LoopLag`.
  Reaper& reaper() { return *reaper_; }

  std::span<char> read_buffer() { return {read_buffer_.get(), kReadBufferBytes}; }
  uv_loop_s* raw() { return loop_.get(); }

 private:
  struct Free {
    void operator()(uv_loop_s* loop) const;
  };
  std::unique_ptr<uv_loop_s, Free> loop_;
  std::unique_ptr<char[]> read_buffer_;
  std::unique_ptr<Reaper> reaper_;
};

/// Objects that take part in their own callbacks are not deleted there but handed to the reaper, which destroys them
/// when the turn's callbacks are done.
class Reapable {
 public:
  virtual ~Reapable() = default;
};

}  // namespace weir::net
