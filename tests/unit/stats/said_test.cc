#include <algorithm>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "feeding.h"

using namespace weir;
using namespace weir::stats;
using namespace weir::stats::test;

namespace {

/// What stands for a reader of headers here: `name=milliseconds`, or `hit name`, one of each.
void hear_plainly(const Detail& detail, Said& said) {
  const std::size_t equals = detail.server_timing.find('=');
  if (equals != std::string_view::npos) {
    const std::string number(detail.server_timing.substr(equals + 1));
    said.components.push_back({detail.server_timing.substr(0, equals), std::stoi(number) * 1ms});
  }
  const std::size_t space = detail.cache_status.find(' ');
  if (space == std::string_view::npos) return;
  said.layers.push_back({std::string(detail.cache_status.substr(space + 1)),
                         *from_label<CacheOutcome>(detail.cache_status.substr(0, space))});
}

void feed_said(Ledger& ledger, Nanos now, std::uint32_t route, std::string_view timing, std::string_view cache = {},
               std::uint16_t traits = 0) {
  Batch batch;
  Detail detail;
  detail.server_timing = timing;
  detail.cache_status = cache;
  batch.add(record_at(now, {.route = RouteId(route), .traits = traits}), detail);
  ledger.fold(batch, 0, at(now), {}, hear_plainly);
}

ViewPtr over(Ledger& ledger, Window window, Nanos now) { return ledger.view({.window = window}, at(now)); }

}  // namespace

TEST_CASE("Said: components are timed per route and in all") {
  Ledger ledger({}, at(0s));
  feed_said(ledger, 1s, 1, "db=10");
  feed_said(ledger, 1s, 1, "db=30");
  feed_said(ledger, 1s, 1, "auth=2");
  feed_said(ledger, 1s, 2, "db=50");
  feed_said(ledger, 1s, 2, "");
  const ViewPtr view = over(ledger, Window::all, 1s);
  REQUIRE(view->said.components.size() == 2);
  CHECK(view->said.components[0].name == "auth");
  CHECK(view->said.component("db")->count() == 3);
  CHECK(view->said.component("db")->max() == 50ms);
  const SeriesView* first = view->find(RouteId(1), Method::get);
  CHECK(first->said.component("db")->count() == 2);
  CHECK(first->said.component("db")->sum_ns() == 40'000'000);
  CHECK(view->find(RouteId(2), Method::get)->said.component("auth") == nullptr);
  CHECK(ledger.view({.with_said = false}, at(1s))->said.components.empty());
}

TEST_CASE("Said: caches are counted per route and in all") {
  Ledger ledger({}, at(0s));
  feed_said(ledger, 1s, 1, {}, "hit l1");
  feed_said(ledger, 1s, 1, {}, "miss l1");
  feed_said(ledger, 1s, 2, {}, "hit l1");
  feed_said(ledger, 1s, 2, {}, "unknown cdn");
  const ViewPtr view = over(ledger, Window::minute, 1s);
  CHECK(*view->said.layer("l1") == CacheCounts{2, 1, 0});
  CHECK(*view->said.layer("cdn") == CacheCounts{0, 0, 1});
  CHECK_FALSE(view->said.layer("cdn")->has_rate());
  CHECK(view->find(RouteId(1), Method::get)->said.layer("l1")->hit_rate() == doctest::Approx(50));
}

TEST_CASE("Said: every window holds what is younger than its span, exactly") {
  struct Spoken {
    Nanos at;
    std::int64_t ns;
  };
  std::mt19937_64 random(7);
  Ledger ledger({}, at(0s));
  std::vector<Spoken> all;
  Nanos now = 0s;
  for (int i = 0; i < 3000; ++i) {
    now += std::chrono::milliseconds(random() % 60'000);
    const int taken = static_cast<int>(1 + random() % 900);
    all.push_back({now, taken * 1'000'000});
    feed_said(ledger, now, 1, "db=" + std::to_string(taken), random() % 2 == 0 ? "hit l1" : "miss l1");
    if (i % 50 != 0) continue;
    for (const Window window : {Window::minute, Window::five_minutes, Window::hour, Window::day, Window::all}) {
      const ViewPtr view = over(ledger, window, now);
      const Sketch& db = *view->said.component("db");
      const std::uint64_t requests = view->total.counts.requests;
      // The same records are in the figures, whose windows have an exact test of their own.
      REQUIRE(db.count() == requests);
      const CacheCounts& l1 = *view->said.layer("l1");
      REQUIRE(l1.hits + l1.misses == requests);
      Sketch expected;
      for (std::size_t k = all.size() - requests; k < all.size(); ++k) expected.add(all[k].ns);
      REQUIRE(db.sum_ns() == expected.sum_ns());
      REQUIRE(db.quantile(0.95) == expected.quantile(0.95));
      REQUIRE(db.max() == expected.max());
      REQUIRE(db.min() == expected.min());
    }
  }
}

TEST_CASE("Said: a silent window names nothing") {
  Ledger ledger({}, at(0s));
  feed_said(ledger, 1s, 1, "db=10", "hit l1");
  const ViewPtr view = over(ledger, Window::minute, 10min);
  CHECK(view->said.components.empty());
  CHECK(view->said.layers.empty());
}

TEST_CASE("Said: a reset starts anew, and cumulative figures go on") {
  Ledger ledger({}, at(0s));
  feed_said(ledger, 1s, 1, "db=10", "hit l1");
  ledger.reset({}, at(2s));
  CHECK(over(ledger, Window::all, 2s)->said.components.empty());
  feed_said(ledger, 3s, 1, "db=20", "miss l1");
  CHECK(over(ledger, Window::all, 3s)->said.component("db")->count() == 1);
  const ViewPtr ever = ledger.cumulative_view(at(3s));
  CHECK(ever->said.component("db")->count() == 2);
  CHECK(*ever->said.layer("l1") == CacheCounts{1, 1, 0});
}

TEST_CASE("Said: routes that become one bring what was said, in every window") {
  Ledger ledger({}, at(0s));
  feed_said(ledger, 1s, 1, "db=10", "hit l1");
  feed_said(ledger, 1s, 2, "db=20", "hit l1");
  feed_said(ledger, 1s, 2, "auth=5");
  ledger.merge_series(RouteId(2), RouteId(1));
  const ViewPtr view = over(ledger, Window::minute, 20s);
  const SeriesView* both = view->find(RouteId(1), Method::get);
  REQUIRE(both != nullptr);
  REQUIRE(both->said.component("db") != nullptr);
  REQUIRE(both->said.component("auth") != nullptr);
  CHECK(both->said.component("db")->count() == 2);
  CHECK(both->said.component("auth")->count() == 1);
  CHECK(both->said.layer("l1")->hits == 2);
  CHECK(view->find(RouteId(2), Method::get) == nullptr);
}

TEST_CASE("Said: 64 components and 32 layers are told apart, the rest is one") {
  Ledger ledger({}, at(0s));
  for (int i = 0; i < 200; ++i) {
    feed_said(ledger, 1s, 1, "c" + std::to_string(i) + "=1", "hit layer" + std::to_string(i));
  }
  feed_said(ledger, 1s, 1, std::string(kMaxSaidName + 1, 'x') + "=1");
  const ViewPtr view = over(ledger, Window::all, 1s);
  CHECK(view->said.components.size() == kMaxComponents + 1);
  CHECK(view->said.component(kOtherName)->count() == 200 - kMaxComponents + 1);
  CHECK(view->said.layers.size() == kMaxCacheLayers + 1);
  CHECK(view->said.layer(kOtherName)->hits == 200 - kMaxCacheLayers);
}

TEST_CASE("Said: a slow sample shows its components") {
  Ledger ledger({}, at(0s));
  feed_said(ledger, 1s, 1, "db=10", "miss l1", kSlow);
  const ViewPtr view = over(ledger, Window::all, 1s);
  REQUIRE(view->slow.size() == 1);
  REQUIRE(view->slow[0]->components.size() == 1);
  CHECK(view->slow[0]->components[0].first == "db");
  CHECK(view->slow[0]->components[0].second == 10ms);
  CHECK(view->slow[0]->cache_status == "miss l1");
}

TEST_CASE("Said: one component costs a route less than 40 KB after a day") {
  const auto bytes_after_a_day = [](std::string_view timing) {
    Ledger ledger({}, at(0s));
    std::mt19937_64 random(3);
    std::lognormal_distribution<double> taken(3, 0.7);
    for (Nanos now = 1s; now < 25h; now += 10s) {
      const std::string said = std::string(timing) + std::to_string(1 + static_cast<int>(taken(random)));
      feed_said(ledger, now, 1, timing.empty() ? std::string_view() : said);
    }
    return ledger.bytes();
  };
  const std::size_t cost = bytes_after_a_day("db=") - bytes_after_a_day("");
  MESSAGE("bytes of one component after a day at 0.1 requests a second: " << cost);
  CHECK(cost < 40'000);
}
