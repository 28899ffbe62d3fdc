#include "heavy_hitters.h"

#include <map>
#include <random>

#include <doctest/doctest.h>

using weir::stats::HeavyHitters;

TEST_CASE("Heavy hitters: nothing makes room while there is room") {
  HeavyHitters list(3);
  for (const std::uint64_t key : {1, 2, 3, 1, 2, 3}) CHECK_FALSE(list.add(key, 1));
  CHECK(list.bound() == 2);
  CHECK_FALSE(list.add(9, 0));
  CHECK_FALSE(list.holds(9));
}

TEST_CASE("Heavy hitters: the lightest makes room, and who comes is taken to have had as much") {
  HeavyHitters list(3);
  list.add(1, 5);
  list.add(2, 3);
  list.add(3, 9);
  CHECK(list.add(4, 1) == 2);
  CHECK(list.bound() == 4);
  CHECK(list.add(5, 10) == 4);
  CHECK(list.bound() == 5);
  CHECK(list.holds(1));
  CHECK(list.holds(3));
  CHECK(list.holds(5));
}

TEST_CASE("Heavy hitters: who is not held has at most the bound, who has much is held") {
  constexpr std::size_t kLimit = 100;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    std::mt19937_64 random(seed);
    std::geometric_distribution<std::uint64_t> few(0.01);
    HeavyHitters list(kLimit);
    std::map<std::uint64_t, std::uint64_t> exact;
    std::uint64_t total = 0;
    for (int i = 0; i < 50'000; ++i) {
      const std::uint64_t key = random() % 3 == 0 ? random() % 100'000 : few(random);
      const std::uint64_t weight = 1 + random() % 10;
      list.add(key, weight);
      exact[key] += weight;
      total += weight;
    }
    CHECK(list.bound() <= total / kLimit);
    for (const auto& [key, weight] : exact) {
      if (!list.holds(key)) REQUIRE(weight <= list.bound());
      if (weight > total / kLimit) REQUIRE(list.holds(key));
    }
  }
}
