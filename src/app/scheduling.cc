#include "scheduling.h"

#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weir::app {
namespace {

/// About what a worker does in one turn of its loop; the kernel's own choice is several times that.
constexpr unsigned kTurnNs = 300'000;

}  // namespace

void ask_for_short_turns() {
  // The C library has no call for it. Policy and niceness stay as whoever started us has chosen.
  sched_attr wanted{};
  if (::syscall(SYS_sched_getattr, 0, &wanted, sizeof wanted, 0) != 0) return;
  constexpr unsigned kOrdinary = 0;  // SCHED_OTHER, whose header and this one exclude each other
  if (wanted.sched_policy != kOrdinary) return;
  wanted.sched_runtime = kTurnNs;
  ::syscall(SYS_sched_setattr, 0, &wanted, 0);
}

}  // namespace weir::app
