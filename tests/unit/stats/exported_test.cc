#include "feeding.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <map>
#include <random>
#include <tuple>

using namespace weir;
using namespace weir::stats;
using namespace weir::stats::test;

namespace {

std::uint64_t requests_of(const ViewPtr& view, std::uint32_t route) {
  const SeriesView* series = view->find(RouteId(route), Method::get);
  return series == nullptr ? 0 : series->figures.counts.requests;
}

void feed_times(Ledger& ledger, std::uint32_t route, int times, Nanos now) {
  for (int i = 0; i < times; ++i) feed(ledger, record_at(now, {.route = RouteId(route)}), now);
}

void say_in_flight(Ledger& ledger, std::vector<InFlight> picture, Nanos now) {
  Batch batch;
  batch.in_flight() = std::move(picture);
  ledger.fold(batch, 0, at(now));
}

}  // namespace

TEST_CASE("In flight: what hangs from the start has a row, and is gone with the last of it") {
  Ledger ledger({}, at(0s));
  say_in_flight(ledger, {{RouteId(1), Method::get, 4}, {kUnmatchedRoute, Method::post, 2}}, 1s);
  for (const ViewPtr& view : {ledger.view({}, at(1s)), ledger.cumulative_view(at(1s))}) {
    CHECK(view->concurrency.now == 6);
    REQUIRE(view->find(RouteId(1), Method::get) != nullptr);
    CHECK(view->find(RouteId(1), Method::get)->in_flight == 4);
    REQUIRE(view->find(kUnmatchedRoute, Method::post) != nullptr);
    CHECK(view->find(kUnmatchedRoute, Method::post)->in_flight == 2);
    CHECK(view->find(RouteId(1), Method::get)->figures.is_empty());
  }
  say_in_flight(ledger, {}, 2s);
  CHECK(ledger.view({}, at(2s))->series.empty());
  // A scraper has its counters at 0 by now.
  REQUIRE(ledger.cumulative_view(at(2s))->find(RouteId(1), Method::get) != nullptr);
  CHECK(ledger.cumulative_view(at(2s))->find(RouteId(1), Method::get)->in_flight == 0);
}

TEST_CASE("In flight: after a reset what is still under way has a row") {
  Ledger ledger({}, at(0s));
  feed_times(ledger, 1, 1, 1s);
  say_in_flight(ledger, {{RouteId(1), Method::get, 3}}, 2s);
  ledger.reset({}, at(3s));
  REQUIRE(ledger.view({}, at(3s))->series.size() == 1);
  CHECK(ledger.view({}, at(3s))->series[0].in_flight == 3);
}

TEST_CASE("In flight: what names a route that was merged since is under way where that is now") {
  Ledger ledger({}, at(0s));
  ledger.set_current([](RouteId route) { return route == RouteId(2) ? RouteId(1) : route; });
  feed_times(ledger, 1, 1, 1s);
  say_in_flight(ledger, {{RouteId(2), Method::get, 5}}, 2s);
  feed_times(ledger, 2, 1, 2s);
  const ViewPtr view = ledger.view({}, at(2s));
  REQUIRE(view->series.size() == 1);
  CHECK(view->series[0].route == RouteId(1));
  CHECK(view->series[0].in_flight == 5);
  CHECK(view->series[0].figures.counts.requests == 2);
}

TEST_CASE("Exported: a merge moves windows and totals, and nothing of what has been exported") {
  Ledger ledger({}, at(0s));
  feed_times(ledger, 1, 30, 1s);
  feed_times(ledger, 2, 40, 1s);
  CHECK(requests_of(ledger.cumulative_view(at(2s)), 2) == 40);
  feed_times(ledger, 2, 3, 3s);
  const std::vector<SeriesView> ended = ledger.merge_series(RouteId(2), RouteId(1));
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].figures.counts.requests == 43);
  CHECK(ended[0].figures.duration.count() == 43);
  CHECK(requests_of(ledger.view({}, at(3s)), 1) == 73);
  const ViewPtr exported = ledger.cumulative_view(at(3s));
  CHECK(exported->total.counts.requests == 73);
  CHECK(requests_of(exported, 1) == 30);
  CHECK(exported->find(RouteId(1), Method::get)->figures.duration.count() == 30);
  CHECK(exported->find(RouteId(2), Method::get) == nullptr);
  feed_times(ledger, 1, 2, 4s);
  ledger.reset({}, at(5s));
  CHECK(requests_of(ledger.cumulative_view(at(5s)), 1) == 32);
}

TEST_CASE("Exported: what nobody has seen under its label yet goes along with a merge") {
  Ledger ledger({}, at(0s));
  feed_times(ledger, 1, 30, 1s);
  ledger.cumulative_view(at(2s));
  feed_times(ledger, 2, 40, 3s);
  CHECK(ledger.merge_series(RouteId(2), RouteId(1)).empty());
  CHECK(requests_of(ledger.cumulative_view(at(3s)), 1) == 70);
}

TEST_CASE("Exported: under a new label a series starts at 0, and it says when") {
  Ledger ledger({}, at(0s));
  feed_times(ledger, 1, 24, 1s);
  CHECK(ledger.end_label(RouteId(1)).empty());
  const WallTime created = ledger.cumulative_view(at(2s))->find(RouteId(1), Method::get)->created;
  CHECK(created == at(1s).wall);
  CHECK(ledger.cumulative_view(at(9s))->find(RouteId(1), Method::get)->created == created);
  ledger.advance(at(20s).clock);
  const std::vector<SeriesView> ended = ledger.end_label(RouteId(1));
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].figures.counts.requests == 24);
  CHECK(ended[0].created == created);
  const ViewPtr after = ledger.cumulative_view(at(21s));
  REQUIRE(after->find(RouteId(1), Method::get) != nullptr);
  CHECK(requests_of(after, 1) == 0);
  CHECK(after->find(RouteId(1), Method::get)->created == at(20s).wall);
  CHECK(after->total.counts.requests == 24);
  CHECK(requests_of(ledger.view({}, at(21s)), 1) == 24);
}

TEST_CASE("Exported: whatever happens, the increases of all labels are the requests made") {
  // Each label is a route and how often it was renamed. The first value of one that was not there before counts from 0,
  // as its `created` says.
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    std::mt19937_64 random(seed);
    Ledger ledger({}, at(0s));
    std::array<RouteId, 9> now_at{};
    for (std::uint32_t i = 0; i < now_at.size(); ++i) now_at[i] = RouteId(i);
    ledger.set_current([&](RouteId route) {
      while (now_at[route.index()] != route) route = now_at[route.index()];
      return route;
    });
    std::array<int, 9> renamed{};
    std::map<std::tuple<std::uint32_t, int, Method>, std::uint64_t> last;
    std::uint64_t increase = 0;
    std::uint64_t made = 0;
    const auto see = [&](const SeriesView& series) {
      std::uint64_t& before = last[{series.route.value, renamed[series.route.index()], series.method}];
      const std::uint64_t value = series.figures.counts.requests;
      REQUIRE(value >= before);
      REQUIRE(series.figures.duration.count() == value);
      for (const Sketch& phase : series.figures.phases) REQUIRE(phase.count() == value);
      increase += value - before;
      before = value;
    };
    for (int step = 0; step < 600; ++step) {
      const Nanos now = step * 3s;
      const auto pick = [&] { return RouteId(static_cast<std::uint32_t>(1 + random() % 8)); };
      Record record = random_record(random, now);
      record.route = pick();
      record.traits &= static_cast<std::uint16_t>(~kProbe);
      feed(ledger, record, now);
      ++made;
      if (step % 50 == 20) {
        const RouteId from = pick();
        const RouteId into = pick();
        const bool is_possible = now_at[from.index()] == from && now_at[into.index()] == into && from != into;
        if (is_possible) {
          for (const SeriesView& ended : ledger.merge_series(from, into)) see(ended);
          now_at[from.index()] = into;
        }
      }
      if (step % 40 == 7) {
        const RouteId route = pick();
        for (const SeriesView& ended : ledger.end_label(route)) see(ended);
        ++renamed[route.index()];
      }
      if (step % 110 == 100) ledger.reset({}, at(now));
      if (step % 13 == 0) {
        const ViewPtr view = ledger.cumulative_view(at(now));
        for (const SeriesView& series : view->series) see(series);
        REQUIRE(increase == made);
        REQUIRE(view->total.counts.requests == made);
      }
    }
  }
}
