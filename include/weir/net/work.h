#pragma once

#include <functional>
#include <vector>

#include <weir/net/loop.h>

namespace weir::net {

struct WorkRequest;

/// Has things done on libuv's thread pool that would hold up the loop: writing out large texts, reading files.
class Work {
 public:
  explicit Work(Loop& loop) : loop_(loop) {}
  /// Forgets what is under way: its `done` will not come. A job that has begun still ends, on its own data.
  ~Work();
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  /// `job` runs on a thread of the pool and must own all that it uses; then `done` is called on the loop.
  void run(std::function<void()> job, std::function<void()> done);

 private:
  friend struct WorkRequest;

  Loop& loop_;
  std::vector<WorkRequest*> pending_;
};

}  // namespace weir::net
