#include "scheduling.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weir::app {
namespace {

/// About what a worker does in one turn of its loop; the kernel's own choice is several times that.
constexpr unsigned kTurnNs = 300'000;

}  // namespace

// The C library has no calls for either.

SchedulerAttributes scheduler_attributes() {
  SchedulerAttributes found{};
  if (::syscall(SYS_sched_getattr, 0, &found, sizeof found, 0) != 0) return {};
  return found;
}

void ask_for_short_turns() {
  // Policy and niceness stay as whoever started us has chosen.
  SchedulerAttributes wanted = scheduler_attributes();
  if (wanted.size == 0 || wanted.policy != SCHED_OTHER) return;
  wanted.runtime_ns = kTurnNs;
  ::syscall(SYS_sched_setattr, 0, &wanted, 0);
}

}  // namespace weir::app
