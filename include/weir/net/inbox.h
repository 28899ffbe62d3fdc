#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include <weir/net/loop.h>

namespace weir::net {

struct WakeupHandle;

/// Makes another thread's loop call back soon. Several signals may become one call: a hint, never an ordering.
class Wakeup {
 public:
  Wakeup(Loop& loop, std::function<void()> on_signal);
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  /// Any thread, as long as the object lives. One write to an eventfd at most.
  void signal();
  /// Whether the loop runs on for this alone, as it does from the start.
  void keep_loop_alive(bool keeps);

 private:
  friend struct WakeupHandle;

  std::function<void()> on_signal_;
  WakeupHandle* handle_;
};

/// Lets other threads have something done on this loop, in the order of posting. For what is rare: a new route table,
/// a question of the admin, drain. What is posted after the loop has ended is dropped.
class Inbox {
 public:
  explicit Inbox(Loop& loop);

  /// Any thread.
  void post(std::function<void()> letter);
  /// As of Wakeup.
  void keep_loop_alive(bool keeps) { wakeup_.keep_loop_alive(keeps); }

 private:
  void deliver();

  std::mutex mutex_;
  std::vector<std::function<void()>> letters_;
  Wakeup wakeup_;
};

}  // namespace weir::net
