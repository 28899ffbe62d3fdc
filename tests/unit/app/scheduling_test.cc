#include "../../../src/app/scheduling.h"

#include <thread>

#include <doctest/doctest.h>

using namespace weir::app;

TEST_CASE("Scheduling: short turns leave policy and niceness alone, and other threads theirs") {
  const SchedulerAttributes before = scheduler_attributes();
  SchedulerAttributes after{};
  std::thread([&] {
    ask_for_short_turns();
    after = scheduler_attributes();
  }).join();
  CHECK(after.policy == before.policy);
  CHECK(after.nice == before.nice);
  CHECK(scheduler_attributes().runtime_ns == before.runtime_ns);
  // Kernels before 6.12 know no turns and say 0.
  if (before.policy == 0 && before.runtime_ns != 0) CHECK(after.runtime_ns < before.runtime_ns);
}
