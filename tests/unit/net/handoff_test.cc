#include <weir/net/handoff.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using weir::net::Handoff;

TEST_CASE("Handoff: what is given is taken, and the other is filled meanwhile") {
  Handoff<std::vector<int>> handoff;
  CHECK(handoff.take() == nullptr);
  handoff.filling().push_back(1);
  REQUIRE(handoff.give());
  handoff.filling().push_back(2);
  REQUIRE(handoff.take() != nullptr);
  CHECK(*handoff.take() == std::vector<int>{1});
  CHECK(handoff.filling() == std::vector<int>{2});
}

TEST_CASE("Handoff: while the consumer has one, nothing is given and nothing is lost") {
  Handoff<std::vector<int>> handoff;
  handoff.filling().push_back(1);
  REQUIRE(handoff.give());
  handoff.filling().push_back(2);
  CHECK_FALSE(handoff.give());
  handoff.filling().push_back(3);
  handoff.take()->clear();
  handoff.done();
  CHECK(handoff.take() == nullptr);
  REQUIRE(handoff.give());
  CHECK(*handoff.take() == std::vector<int>{2, 3});
}

TEST_CASE("Handoff: between two threads every item arrives once and in order") {
  constexpr std::uint32_t kItems = 200'000;
  Handoff<std::vector<std::uint32_t>> handoff;
  std::atomic<bool> has_ended{false};
  std::uint32_t expected = 0;
  bool is_in_order = true;
  std::thread consumer([&] {
    while (true) {
      // Before the look: what was given last must not be missed.
      const bool is_last_look = has_ended.load(std::memory_order_acquire);
      if (std::vector<std::uint32_t>* load = handoff.take()) {
        for (const std::uint32_t item : *load) is_in_order = is_in_order && item == expected++;
        load->clear();
        handoff.done();
      } else if (is_last_look) {
        return;
      } else {
        std::this_thread::yield();
      }
    }
  });
  for (std::uint32_t item = 0; item < kItems; ++item) {
    handoff.filling().push_back(item);
    if (item % 7 == 0) handoff.give();
  }
  while (!handoff.filling().empty() && !handoff.give()) std::this_thread::yield();
  has_ended.store(true, std::memory_order_release);
  consumer.join();
  CHECK(is_in_order);
  CHECK(expected == kItems);
}
