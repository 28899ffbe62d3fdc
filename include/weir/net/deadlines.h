#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <weir/base/clock.h>
#include <weir/net/timer.h>

namespace weir::net {

class Deadlines;

/// Something that has to happen by a certain time. Whoever waits for it derives from this; dropped when destroyed.
class Deadline {
 public:
  virtual void on_deadline() = 0;

 protected:
  Deadline() = default;
  virtual ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  friend class Deadlines;

  Deadlines* owner_ = nullptr;
  Deadline* next_ = nullptr;
  Deadline** link_ = nullptr;    ///< what points to this one; null while in no slot
  std::int64_t due_tick_ = 0;    ///< 0: nothing is due
  std::int64_t slot_tick_ = 0;   ///< when the slot it lies in is looked at
};

/// All deadlines of a loop on one coarse tick: a hashed wheel whose entries move lazily, so that pushing a deadline
/// out, the common case, is one store. HOT PATH: no allocation, no system call.
/// A deadline is noticed at most two ticks late and never early. After the loop was held up (a busy machine, a stopped
/// process) one more tick passes, in which it reads what has come meanwhile: libuv runs timers before it reads.
class Deadlines {
 public:
  static constexpr Nanos kTick = 50ms;

  explicit Deadlines(Loop& loop);
  ~Deadlines();

  /// `delay` from `now` on; forgets the former one. Zero or less: none.
  void arm(Deadline& deadline, TimePoint now, Nanos delay);
  /// Nothing is due any more.
  void disarm(Deadline& deadline) { deadline.due_tick_ = 0; }

  /// Looks at what is due at `now`. The timer does this; tests call it with a time of their own.
  void advance(TimePoint now);

 private:
  friend class Deadline;

  static constexpr std::size_t kSlots = 128;
  /// An entry is looked at again after this many ticks even if it is due later: bounds how far it can be off its slot.
  static constexpr std::int64_t kMaxAhead = 100;

  void on_tick();
  std::int64_t tick_of(TimePoint at) const;
  void put(Deadline& deadline, std::int64_t tick);
  void take_out(Deadline& deadline);

  std::array<Deadline*, kSlots> slots_{};
  std::int64_t done_tick_ = 1;
  std::size_t count_ = 0;
  TimePoint start_;
  TimePoint last_tick_;
  bool has_waited_ = false;  ///< the last tick gave what had come the precedence
  Timer timer_;
};

}  // namespace weir::net
