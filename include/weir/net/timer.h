#pragma once

#include <functional>

#include <weir/base/clock.h>
#include <weir/net/loop.h>

namespace weir::net {

struct TimerHandle;

/// Calls back once or again and again. For rare things; exchanges use Deadlines.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> on_time);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// First after `delay`, then every `interval` if that is above 0. Starting again forgets the former start.
  void start(Nanos delay, Nanos interval = Nanos::zero());
  void stop();
  bool is_running() const { return running_; }

 private:
  friend struct TimerHandle;

  std::function<void()> on_time_;
  TimerHandle* handle_;
  bool running_ = false;
  bool repeats_ = false;
};

}  // namespace weir::net
