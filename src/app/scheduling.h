#pragma once

#include <cstdint>

namespace weir::app {

/// `struct sched_attr` of sched_setattr(2), in its first and smallest form: the header that has it and <sched.h> exclude
/// each other.
struct SchedulerAttributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime_ns;
  std::uint64_t deadline_ns;
  std::uint64_t period_ns;
};
static_assert(sizeof(SchedulerAttributes) == 48);

/// Of the calling thread; all 0 where the system does not tell.
SchedulerAttributes scheduler_attributes();

/// Has the kernel run the calling thread in many short turns in place of few long ones: its share of the CPU stays as
/// it is, but it need not wait until somebody else's turn is over, when a CPU is shared with the book-keeping, the app
/// or the load. Linux 6.12 and later; without effect elsewhere.
void ask_for_short_turns();

}  // namespace weir::app
