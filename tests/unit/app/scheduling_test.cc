#include "../../../src/app/scheduling.h"

#include <cstdint>
#include <thread>

#include <doctest/doctest.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// sched_attr of <linux/sched/types.h>, which the header of threads excludes.
struct Attributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime;
  std::uint64_t deadline;
  std::uint64_t period;
};

/// Of the calling thread; all 0 where the system does not tell.
Attributes attributes() {
  Attributes found{};
  ::syscall(SYS_sched_getattr, 0, &found, sizeof found, 0);
  return found;
}

}  // namespace

TEST_CASE("Scheduling: short turns leave policy and niceness alone, and other threads theirs") {
  const Attributes before = attributes();
  Attributes after{};
  std::thread([&] {
    weir::app::ask_for_short_turns();
    after = attributes();
  }).join();
  CHECK(after.policy == before.policy);
  CHECK(after.nice == before.nice);
  CHECK(attributes().runtime == before.runtime);
  // Kernels before 6.12 know no turns and say 0.
  if (before.policy == 0 && before.runtime != 0) CHECK(after.runtime < before.runtime);
}
