// HOT PATH: no allocation, no lock, no system call.
#include <weir/net/deadlines.h>

#include <algorithm>
#include <utility>

namespace weir::net {

Deadline::~Deadline() {
  if (owner_ != nullptr && link_ != nullptr) owner_->take_out(*this);
}

Deadlines::Deadlines(Loop& loop) : start_(Clock::now()), timer_(loop, [this] { on_tick(); }) {}

Deadlines::~Deadlines() {
  for (Deadline*& slot : slots_) {
    while (slot != nullptr) take_out(*slot);
  }
}

std::int64_t Deadlines::tick_of(TimePoint at) const { return (at - start_) / kTick; }

void Deadlines::arm(Deadline& deadline, TimePoint now, Nanos delay) {
  if (delay <= Nanos::zero()) {
    disarm(deadline);
    return;
  }
  if (count_ == 0) {
    // The wheel stood still; nothing lies in it, so it may skip to the present.
    done_tick_ = std::max(done_tick_, tick_of(now));
    if (!timer_.is_running()) {
      timer_.start(kTick, kTick);
      last_tick_ = now;
    }
  }
  // Rounded up, so that nothing is ever early.
  const std::int64_t due = std::max(tick_of(now + delay) + 1, done_tick_ + 1);
  deadline.due_tick_ = due;
  if (deadline.link_ != nullptr) {
    if (deadline.slot_tick_ <= due) return;
    take_out(deadline);
  }
  put(deadline, std::min(due, done_tick_ + kMaxAhead));
}

void Deadlines::put(Deadline& deadline, std::int64_t tick) {
  Deadline*& slot = slots_[static_cast<std::size_t>(tick) % kSlots];
  deadline.owner_ = this;
  deadline.slot_tick_ = tick;
  deadline.next_ = slot;
  deadline.link_ = &slot;
  if (slot != nullptr) slot->link_ = &deadline.next_;
  slot = &deadline;
  ++count_;
}

void Deadlines::take_out(Deadline& deadline) {
  *deadline.link_ = deadline.next_;
  if (deadline.next_ != nullptr) deadline.next_->link_ = deadline.link_;
  deadline.next_ = nullptr;
  deadline.link_ = nullptr;
  --count_;
}

void Deadlines::on_tick() {
  const TimePoint now = Clock::now();
  const bool was_held_up = now - std::exchange(last_tick_, now) > 2 * kTick;
  // Once in a row: a loop that is always late has to be on time some day.
  has_waited_ = was_held_up && !has_waited_;
  if (!has_waited_) advance(now);
}

void Deadlines::advance(TimePoint now) {
  const std::int64_t current = tick_of(now);
  // After a long stall one round over the wheel sees every entry.
  done_tick_ = std::max(done_tick_, current - static_cast<std::int64_t>(kSlots));
  while (done_tick_ < current) {
    const std::int64_t tick = ++done_tick_;
    Deadline* waiting = std::exchange(slots_[static_cast<std::size_t>(tick) % kSlots], nullptr);
    if (waiting != nullptr) waiting->link_ = &waiting;
    // A callback may arm, disarm or destroy any deadline, also one further down this list: always take the first.
    while (waiting != nullptr) {
      Deadline& deadline = *waiting;
      take_out(deadline);
      if (deadline.due_tick_ == 0) continue;
      if (deadline.due_tick_ <= tick) {
        deadline.due_tick_ = 0;
        deadline.on_deadline();
      } else {
        put(deadline, std::min(deadline.due_tick_, tick + kMaxAhead));
      }
    }
  }
  if (count_ == 0) timer_.stop();
}

}  // namespace weir::net
