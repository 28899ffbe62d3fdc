#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "feeding.h"
#include "in_flight_peaks.h"

using namespace weir;
using namespace weir::stats;
using namespace weir::stats::test;

namespace {

Record record_of(Nanos now, std::uint16_t concurrency, Nanos duration, std::uint32_t route = 1) {
  Record record = record_at(now, {.route = RouteId(route), .duration = duration});
  record.concurrency = concurrency;
  return record;
}

ViewPtr levels(Ledger& ledger, Nanos now, Window window = Window::all) {
  return ledger.view({.window = window, .with_levels = true}, at(now));
}

}  // namespace

TEST_CASE("Levels: they double, and every concurrency is in one") {
  CHECK(level_of(0) == 0);
  for (std::uint32_t concurrency = 1; concurrency <= 65'535; ++concurrency) {
    const std::size_t level = level_of(static_cast<std::uint16_t>(concurrency));
    REQUIRE(lowest_of_level(level) <= concurrency);
    REQUIRE(concurrency <= highest_of_level(level));
  }
  CHECK(level_of(1) == 0);
  CHECK(level_of(2) == 1);
  CHECK(level_of(3) == 2);
  CHECK(level_of(4) == 2);
  CHECK(level_of(5) == 3);
}

TEST_CASE("Levels: durations by concurrency, per route and in all, over every window") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_of(1s, 1, 10ms), 1s);
  feed(ledger, record_of(1s, 3, 30ms), 1s);
  feed(ledger, record_of(1s, 4, 50ms), 1s);
  feed(ledger, record_of(1s, 4, 70ms, 2), 1s);
  const ViewPtr view = levels(ledger, 1s);
  REQUIRE(view->levels.size() == 3);
  CHECK(view->levels[0].count() == 1);
  CHECK(view->levels[1].is_empty());
  CHECK(view->levels[2].count() == 3);
  CHECK(view->levels[2].max() == 70ms);
  CHECK(view->find(RouteId(1), Method::get)->levels[2].sum_ns() == 80'000'000);
  CHECK(levels(ledger, 30s, Window::minute)->levels.size() == 3);
  CHECK(levels(ledger, 10min, Window::minute)->levels.empty());
  CHECK(levels(ledger, 10min, Window::hour)->levels[2].count() == 3);
  CHECK(ledger.view({}, at(1s))->levels.empty());
}

TEST_CASE("Levels: merged routes, resets and stalls lose nothing") {
  Ledger ledger({}, at(0s));
  Batch batch;
  for (std::size_t i = 0; i < Batch::kMaxRecords + 100; ++i) {
    batch.add(record_of(1s, static_cast<std::uint16_t>(1 + i % 2), 10ms, static_cast<std::uint32_t>(1 + i % 3 / 2)));
  }
  REQUIRE(batch.overflow() != nullptr);
  ledger.fold(batch, 0, at(1s));
  CHECK(levels(ledger, 1s)->levels[0].count() == (Batch::kMaxRecords + 100) / 2);
  ledger.merge_series(RouteId(2), RouteId(1));
  CHECK(levels(ledger, 20s)->find(RouteId(1), Method::get)->levels[1].count() == (Batch::kMaxRecords + 100) / 2);
  ledger.reset({}, at(21s));
  CHECK(levels(ledger, 21s)->levels.empty());
  CHECK(ledger.cumulative_view(at(21s))->levels[0].count() == (Batch::kMaxRecords + 100) / 2);
}

TEST_CASE("In flight: the highest of each route and of all, over every window") {
  Ledger ledger({}, at(0s));
  const auto take = [&](std::size_t worker, std::uint16_t of_route, std::uint16_t in_all, Nanos now,
                        std::uint32_t route = 1) {
    Batch batch;
    Record record = record_of(now, in_all, 1ms, route);
    record.route_concurrency = of_route;
    batch.add(record);
    batch.note_in_flight(in_all);
    ledger.fold(batch, worker, at(now));
  };
  const auto highest = [&](Nanos now, Window window, std::uint32_t route = 1) {
    return ledger.view({.window = window}, at(now))->find(RouteId(route), Method::get)->highest_in_flight;
  };
  take(0, 7, 12, 1s);
  take(1, 2, 4, 1s);
  take(0, 3, 3, 70s);
  take(0, 1, 3, 70s, 2);
  CHECK(highest(70s, Window::minute) == 3);
  CHECK(highest(70s, Window::five_minutes) == 9);
  CHECK(highest(70s, Window::all) == 9);
  CHECK(highest(70s, Window::all, 2) == 1);
  CHECK(ledger.view({}, at(70s))->concurrency.highest == 12);
  ledger.merge_series(RouteId(2), RouteId(1));
  // They may have been highest at once: an upper bound, as of several workers.
  CHECK(highest(70s, Window::five_minutes) == 10);
  ledger.reset({}, at(71s));
  take(0, 2, 2, 72s);
  CHECK(highest(72s, Window::all) == 2);
}

TEST_CASE("In flight: of a route there were never more than in all") {
  Ledger ledger({}, at(0s));
  for (const std::size_t worker : {0U, 1U}) {
    Batch batch;
    Record record = record_of(1s, 1, 1ms);
    record.route_concurrency = 1;
    batch.add(record);
    batch.note_in_flight(1);  // the one after the other, on two workers
    ledger.fold(batch, worker, at(1s));
  }
  CHECK(ledger.view({}, at(1s))->series[0].highest_in_flight == 1);
}

TEST_CASE("In flight: what is under way counts before it has ended") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_of(1s, 1, 1ms), 1s);
  Batch batch;
  batch.in_flight().push_back({RouteId(1), Method::get, 5});
  batch.in_flight().push_back({RouteId(2), Method::get, 1});
  ledger.fold(batch, 0, at(2s));
  const ViewPtr view = ledger.view({}, at(2s));
  CHECK(view->concurrency.highest == 6);
  CHECK(view->series[0].highest_in_flight == 5);
}

TEST_CASE("High water: agrees with the highest of a list over every window") {
  std::mt19937_64 random(3);
  HighWater water;
  std::vector<std::pair<SliceNumber, std::uint32_t>> all;
  SliceNumber now = 0;
  for (int i = 0; i < 3000; ++i) {
    now += random() % 20 == 0 ? static_cast<SliceNumber>(random() % 3000) : static_cast<SliceNumber>(random() % 3);
    const auto value = static_cast<std::uint32_t>(random() % 100);
    water.note(now, value);
    all.emplace_back(now, value);
    for (const Window window : {Window::minute, Window::five_minutes, Window::hour, Window::day, Window::all}) {
      const SliceNumber first = window == Window::all ? 0 : now - shape_of(window).span / kSlice;
      std::uint32_t highest = 0;
      for (const auto& [number, noted] : all) highest = number >= first ? std::max(highest, noted) : highest;
      REQUIRE(water.highest(window, now) == highest);
    }
  }
}

TEST_CASE("Busy times: a stall makes no busy minute") {
  Ledger ledger({}, at(0s));
  Batch batch;
  // One a second for more than an hour, handed over at once.
  for (int i = 0; i < 5000; ++i) batch.add(record_of(i * 1s, 1, 1ms));
  REQUIRE(batch.overflow() != nullptr);
  ledger.fold(batch, 0, at(5000s));
  CHECK(ledger.view({}, at(5000s))->busy.peak_requests == 60);
}

TEST_CASE("Busy times: the busiest minute and each hour of the last day") {
  Ledger ledger({}, at(0s));
  // The tests' clock starts at 2026-01-31T09:33:20Z.
  for (int i = 0; i < 3; ++i) feed(ledger, record_of(10s, 1, 1ms), 10s);
  for (int i = 0; i < 5; ++i) feed(ledger, record_of(50min, 1, 1ms), 50min);
  const BusyTimes busy = levels(ledger, 50min)->busy;
  CHECK(busy.peak_requests == 5);
  CHECK(busy.peak_minute == at(50min).wall - 20s);
  CHECK(busy.by_hour[9] == 3);
  CHECK(busy.by_hour[10] == 5);
  CHECK(levels(ledger, 24h + 30min)->busy.by_hour[9] == 0);
  CHECK(levels(ledger, 24h + 30min)->busy.peak_requests == 5);
  CHECK(levels(ledger, 25h)->busy.peak_requests == 0);
}
