#include <weir/net/timer.h>

#include <utility>

#include <uv.h>

#include <weir/base/check.h>

namespace weir::net {
namespace {

std::uint64_t milliseconds_up(Nanos delay) {
  if (delay <= Nanos::zero()) return 0;
  return static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::milliseconds>(delay).count());
}

/// A timer may be late, never early. libuv counts from a time that is cut to whole milliseconds: one more makes up for
/// it.
std::uint64_t first_milliseconds(Nanos delay) { return delay <= Nanos::zero() ? 0 : milliseconds_up(delay) + 1; }

}  // namespace

struct TimerHandle {
  uv_timer_t timer;
  Timer* owner;
};

Timer::Timer(Loop& loop, std::function<void()> on_time)
    : on_time_(std::move(on_time)), handle_(new TimerHandle{.timer = {}, .owner = this}) {
  WEIR_CHECK(uv_timer_init(loop.raw(), &handle_->timer) == 0, "libuv refused a timer");
  handle_->timer.data = handle_;
}

Timer::~Timer() {
  handle_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->timer),
           [](uv_handle_t* closed) { delete static_cast<TimerHandle*>(closed->data); });
}

void Timer::start(Nanos delay, Nanos interval) {
  running_ = true;
  repeats_ = interval > Nanos::zero();
  // The loop's idea of now is as old as its turn: without this a long turn would make the timer early.
  uv_update_time(handle_->timer.loop);
  uv_timer_start(
      &handle_->timer,
      [](uv_timer_t* timer) {
        Timer* owner = static_cast<TimerHandle*>(timer->data)->owner;
        if (owner == nullptr) return;
        owner->running_ = owner->repeats_;
        owner->on_time_();
      },
      first_milliseconds(delay), milliseconds_up(interval));
}

void Timer::stop() {
  running_ = false;
  uv_timer_stop(&handle_->timer);
}

}  // namespace weir::net
