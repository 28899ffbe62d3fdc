#include <weir/proxy/burst.h>

#include <doctest/doctest.h>

using weir::proxy::Burst;

namespace {

/// At which of so many ticks, each with `now` of them, it was over; 0 for none.
std::uint32_t over_after(Burst& burst, std::uint32_t now, std::uint32_t ticks) {
  for (std::uint32_t tick = 1; tick <= ticks; ++tick) {
    if (burst.is_over(now)) return tick;
  }
  return 0;
}

}  // namespace

TEST_CASE("Burst: it is over once, after it has been quiet for a while") {
  Burst burst;
  CHECK(over_after(burst, 4096, 1000) == 0);
  CHECK(over_after(burst, 10, 1000) == Burst::kQuietTicks);
  CHECK(over_after(burst, 10, 1000) == 0);
  CHECK(over_after(burst, 300, 1000) == 0);
  CHECK(over_after(burst, 0, 1000) == Burst::kQuietTicks);
}

TEST_CASE("Burst: a lull within it does not end it") {
  Burst burst;
  for (int i = 0; i < 10; ++i) {
    CHECK(over_after(burst, 4096, 5) == 0);
    CHECK(over_after(burst, 0, Burst::kQuietTicks - 1) == 0);
  }
}

TEST_CASE("Burst: few at once, or somewhat fewer than before, are none") {
  Burst burst;
  CHECK(over_after(burst, Burst::kLeast - 1, 10) == 0);
  CHECK(over_after(burst, 0, 1000) == 0);
  CHECK(over_after(burst, 4096, 10) == 0);
  CHECK(over_after(burst, 4096 / Burst::kQuietPart, 1000) == 0);
}
