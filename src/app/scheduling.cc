#include "scheduling.h"

#include <cstdint>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weir::app {
namespace {

/// `struct sched_attr` of sched_setattr(2), in its first and smallest form: the header that has it and <sched.h> exclude each
/// other.
struct Attributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime_ns;
  std::uint64_t deadline_ns;
  std::uint64_t period_ns;
};
static_assert(sizeof(Attributes) == 48);

/// About what a worker does in one turn of its loop; the kernel's own choice is several times that.
constexpr unsigned kTurnNs = 300'000;

}  // namespace

void ask_for_short_turns() {
  // The C library has no call for it. Policy and niceness stay as whoever started us has chosen.
  Attributes wanted{};
  if (::syscall(SYS_sched_getattr, 0, &wanted, sizeof wanted, 0) != 0) return;
  if (wanted.policy != SCHED_OTHER) return;
  wanted.runtime_ns = kTurnNs;
  ::syscall(SYS_sched_setattr, 0, &wanted, 0);
}

}  // namespace weir::app
