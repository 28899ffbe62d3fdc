#include "feeding.h"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

#include <weir/stats/event_ledger.h>

using namespace weir;
using namespace weir::stats;
using namespace weir::stats::test;

namespace {

void add(EventLedger& ledger, Nanos when, Event event) {
  make_labels(event.tags);
  ledger.add(event, at(when).clock, at(when));
}

void count(EventLedger& ledger, Nanos when, const std::string& name, double amount = 1) {
  Event event;
  event.name = name;
  event.amount = amount;
  add(ledger, when, event);
}

Event timing(const std::string& name, double seconds_taken) {
  Event event;
  event.name = name;
  event.kind = EventKind::timing;
  event.amount = seconds_taken;
  return event;
}

Event gauge(const std::string& name, double amount, bool is_delta = false) {
  Event event;
  event.name = name;
  event.kind = EventKind::gauge;
  event.amount = amount;
  event.is_delta = is_delta;
  return event;
}

Event member(const std::string& name, const std::string& who) {
  Event event;
  event.name = name;
  event.kind = EventKind::set;
  event.member = who;
  return event;
}

/// All tags of one name and kind together; nothing where the view has none.
std::optional<EventFigures> find(const EventsView& view, const std::string& name, EventKind kind = EventKind::counter) {
  for (const EventEntry& entry : view.events) {
    if (entry.name != name || entry.kind != kind) continue;
    EventFigures sum;
    for (const EventSeries& series : entry.series) sum.merge(series.figures);
    return sum;
  }
  return std::nullopt;
}

EventFigures figures(EventLedger& ledger, const std::string& name, EventKind kind, Window window, Nanos now) {
  const auto found = find(ledger.view(window, at(now)), name, kind);
  REQUIRE(found);
  return *found;
}

double net(EventLedger& ledger, const std::string& name, Window window, Nanos now) {
  return figures(ledger, name, EventKind::counter, window, now).count.net();
}

}  // namespace

TEST_CASE("Events: counters add up, take back, and stand for what was not sent") {
  EventLedger ledger(at(0s));
  count(ledger, 1s, "download");
  count(ledger, 2s, "download", 4);
  count(ledger, 2s, "stock", 2);
  count(ledger, 3s, "stock", -7);
  Event sampled;
  sampled.name = "seen";
  sampled.sample_rate = 0.1;
  for (int i = 0; i < 7; ++i) add(ledger, 3s, sampled);
  CHECK(net(ledger, "download", Window::all, 4s) == 5);
  CHECK(net(ledger, "stock", Window::all, 4s) == -5);
  CHECK(net(ledger, "seen", Window::minute, 4s) == 70);
  const EventFigures stock = figures(ledger, "stock", EventKind::counter, Window::all, 4s);
  CHECK(stock.count.ups() == 2);
  CHECK(stock.count.downs() == 7);
  CHECK(stock.last_seen == at(3s).wall);
}

TEST_CASE("Events: one name has figures of its own for each kind") {
  EventLedger ledger(at(0s));
  count(ledger, 1s, "job");
  add(ledger, 1s, timing("job", 2.5));
  const EventsView view = ledger.view(Window::all, at(2s));
  REQUIRE(view.events.size() == 2);
  CHECK(find(view, "job")->count.net() == 1);
  CHECK(find(view, "job", EventKind::timing)->values.max() == 2500ms);
}

TEST_CASE("Events: every window holds what is younger than its span, exactly") {
  struct Fact {
    Nanos at;
    double amount;
  };
  std::mt19937_64 random(11);
  EventLedger ledger(at(0s));
  std::vector<Fact> facts;
  Nanos now = 0s;
  for (int i = 0; i < 3000; ++i) {
    now += Nanos(static_cast<std::int64_t>(random() % 60'000'000'000));
    facts.push_back({now, static_cast<double>(1 + random() % 5)});
    count(ledger, now, "download", facts.back().amount);
    add(ledger, now, timing("job", facts.back().amount));
    if (i % 50 != 0) continue;
    for (const Window window : {Window::minute, Window::five_minutes, Window::hour, Window::day}) {
      const auto [span, step] = shape_of(window);
      const Nanos oldest = std::max(Nanos(0), now / step * step - span);
      double expected = 0;
      std::uint64_t times = 0;
      for (const Fact& fact : facts) {
        if (fact.at < oldest) continue;
        expected += fact.amount;
        ++times;
      }
      CHECK(net(ledger, "download", window, now) == expected);
      CHECK(figures(ledger, "job", EventKind::timing, window, now).values.count() == times);
    }
  }
}

TEST_CASE("Events: rates are over what the window covers, or since the start or reset") {
  EventLedger ledger(at(0s));
  count(ledger, 1s, "download", 120);
  CHECK(ledger.view(Window::all, at(2s)).minutes == doctest::Approx(2.0 / 60));
  CHECK(ledger.view(Window::minute, at(30s)).minutes == doctest::Approx(0.5));
  CHECK(ledger.view(Window::minute, at(63s)).minutes == doctest::Approx(63.0 / 60));
  CHECK(ledger.view(Window::hour, at(30min)).minutes == doctest::Approx(30));
  CHECK(ledger.view(Window::hour, at(3h + 30s)).minutes == doctest::Approx(60.5));
  CHECK(ledger.view(Window::all, at(4h)).minutes == doctest::Approx(240));
  ledger.reset(at(4h));
  CHECK(ledger.view(Window::hour, at(4h + 2min)).minutes == doctest::Approx(2));
}

TEST_CASE("Events: a sampled timing counts for all that it stands for, in the long run exactly") {
  EventLedger ledger(at(0s));
  Event event = timing("job", 0.25);
  event.sample_rate = 0.3;
  for (int i = 0; i < 30; ++i) add(ledger, 1s, event);
  event.amount = 0;
  event.sample_rate = 0.5;
  add(ledger, 1s, event);
  const EventFigures sum = figures(ledger, "job", EventKind::timing, Window::all, 1s);
  CHECK(sum.values.count() == doctest::Approx(102).epsilon(0.01));
  CHECK(sum.values.zero_count() == 2);
  CHECK(sum.values.sum_ns() == Uint128{250'000'000} * (sum.values.count() - 2));
  CHECK(sum.values.max() == 250ms);
  CHECK(figures(ledger, "job", EventKind::timing, Window::minute, 70s).values.is_empty());
}

TEST_CASE("Events: a gauge stands where it was put, and windows know how low and high it stood") {
  EventLedger ledger(at(0s));
  add(ledger, 1s, gauge("queue", 10));
  add(ledger, 2s, gauge("queue", -4, true));
  add(ledger, 100s, gauge("queue", 1, true));
  const EventFigures all = figures(ledger, "queue", EventKind::gauge, Window::all, 101s);
  CHECK(all.level == 7);
  CHECK(all.levels.lowest == 6);
  CHECK(all.levels.highest == 10);
  CHECK(all.count.net() == 3);
  const EventFigures minute = figures(ledger, "queue", EventKind::gauge, Window::minute, 101s);
  CHECK(minute.levels.highest == 7);
  const EventFigures later = figures(ledger, "queue", EventKind::gauge, Window::minute, 300s);
  CHECK(later.level == 7);
  CHECK(later.levels.is_empty);
}

TEST_CASE("Events: a set counts different members over every window") {
  EventLedger ledger(at(0s));
  for (int i = 0; i < 300; ++i) add(ledger, 1s, member("visitors", "v" + std::to_string(i % 100)));
  add(ledger, 200s, member("visitors", "v1"));
  CHECK(figures(ledger, "visitors", EventKind::set, Window::all, 200s).members.value() == 100);
  CHECK(figures(ledger, "visitors", EventKind::set, Window::minute, 200s).members.value() == 1);
  const EventsView cumulative = ledger.cumulative_view(at(200s));
  CHECK(cumulative.events[0].series[0].members == ActiveCounts{1, 100, 100, 100, 100});
}

TEST_CASE("Events: tags tell series apart whatever their order, and a name is the sum of its series") {
  EventLedger ledger(at(0s));
  Event event;
  event.name = "signup";
  event.tags = {{"plan", "pro"}, {"from", "ad"}};
  add(ledger, 1s, event);
  event.tags = {{"from", "ad"}, {"plan", "pro"}};
  add(ledger, 1s, event);
  event.tags = {{"plan", "free"}};
  add(ledger, 2s, event);
  event.tags = {};
  add(ledger, 3s, event);
  const EventsView view = ledger.view(Window::all, at(4s));
  REQUIRE(view.events.size() == 1);
  CHECK(view.events[0].series.size() == 3);
  CHECK(view.events[0].series[0].tags == Tags{{"from", "ad"}, {"plan", "pro"}});
  CHECK(view.events[0].series[0].figures.count.net() == 2);
  CHECK(find(view, "signup")->count.net() == 4);
}

TEST_CASE("Events: tags become labels that Prometheus takes") {
  Tags tags = {{"region-a", "1"}, {"1st", "2"}, {"le", "3"}, {"__x", "4"}, {"region.a", "5"}, {"Ok_2", "6"}};
  make_labels(tags);
  CHECK(tags == Tags{{"Ok_2", "6"}, {"region_a", "1"}, {"tag_1st", "2"}, {"tag___x", "4"}, {"tag_le", "3"}});
}

TEST_CASE("Events: a reset starts anew, cumulative figures go on, a gauge stands where it stood") {
  EventLedger ledger(at(0s));
  count(ledger, 1s, "download", 3);
  add(ledger, 1s, timing("job", 1));
  add(ledger, 1s, gauge("queue", 5));
  add(ledger, 1s, member("visitors", "ada"));
  ledger.reset(at(2s));
  REQUIRE(ledger.view(Window::all, at(3s)).events.size() == 1);  // the gauge alone
  CHECK(figures(ledger, "queue", EventKind::gauge, Window::all, 3s).level == 5);
  CHECK(ledger.view(Window::all, at(3s)).since == at(2s).wall);
  count(ledger, 4s, "download", 1);
  add(ledger, 4s, gauge("queue", 1, true));
  add(ledger, 4s, member("visitors", "ada"));
  CHECK(net(ledger, "download", Window::all, 5s) == 1);
  CHECK(figures(ledger, "queue", EventKind::gauge, Window::all, 5s).level == 6);
  CHECK(figures(ledger, "visitors", EventKind::set, Window::all, 5s).members.value() == 1);
  const EventsView cumulative = ledger.cumulative_view(at(5s));
  CHECK(find(cumulative, "download")->count.net() == 4);
  CHECK(find(cumulative, "job", EventKind::timing)->values.count() == 1);
}

TEST_CASE("Events: what comes late counts in the oldest open slice, what lies ahead now") {
  EventLedger ledger(at(0s));
  Event event;
  event.name = "download";
  ledger.advance(at(100s).clock);
  ledger.add(event, at(1s).clock, at(100s));
  ledger.add(event, at(-5s).clock, at(100s));
  ledger.add(event, at(500s).clock, at(100s));
  CHECK(net(ledger, "download", Window::minute, 100s) == 3);
}

TEST_CASE("Events: floods of names, tags and sets cost bounded memory; what finds no room is counted under (other)") {
  EventLedger ledger(at(0s));
  count(ledger, 0s, "known");
  Event tagged;
  tagged.name = "tagged";
  for (int i = 0; i < 20'000; ++i) {
    count(ledger, 1s, "name-" + std::to_string(i));
    add(ledger, 1s, member("set-" + std::to_string(i), std::to_string(i)));
    tagged.tags = {{"user", std::to_string(i)}};
    add(ledger, 1s, tagged);
  }
  count(ledger, 2s, "known");
  const EventsView view = ledger.view(Window::all, at(3s));
  CHECK(find(view, "known")->count.net() == 2);
  CHECK(find(view, "tagged")->count.net() == 20'000);
  double counted = 0;
  std::size_t series = 0;
  for (const EventEntry& entry : view.events) {
    series += entry.series.size();
    for (const EventSeries& one : entry.series) counted += one.figures.count.net();
  }
  CHECK(counted == 60'002);
  CHECK(find(view, "(other)")->count.net() > 19'000);
  CHECK(find(view, "(other)", EventKind::set)->members.value() > 15'000);
  CHECK(view.overflowed > 55'000);
  CHECK(view.events.size() <= EventLedger::kMostNames + count_of<EventKind>());
  CHECK(series <= EventLedger::kMostSeries);
  const auto tags =
      std::find_if(view.events.begin(), view.events.end(), [](const auto& e) { return e.name == "tagged"; });
  CHECK(tags->series.size() == EventLedger::kMostSeriesOfName + 1);
  CHECK(tags->series.back().tags == Tags{{"tags", "(other)"}});
  MESSAGE("bytes after 60,000 names, tags and sets: " << ledger.bytes());
  CHECK(ledger.bytes() < 4'000'000);
}

TEST_CASE("Events: successes reach whoever counts them, also those that a stalled worker had summed up") {
  Ledger ledger({}, at(0s));
  Batch batch;
  const auto feed_one = [&](std::uint32_t route, std::uint16_t status, std::uint16_t traits = 0,
                            Fault fault = Fault::none) {
    batch.add(record_at(1s, {.route = RouteId(route), .status = status, .traits = traits, .fault = fault}), {});
  };
  std::uint64_t wanted = 0;
  for (int i = 0; i < 20'000; ++i) {
    feed_one(1, 200);
    ++wanted;
  }
  REQUIRE(batch.overflow() != nullptr);
  feed_one(1, 304);
  feed_one(1, 101);
  wanted += 2;
  feed_one(1, 404);
  feed_one(1, 200, kProbe);
  feed_one(1, 200, 0, Fault::upstream_closed);
  feed_one(1, 200, 0, Fault::client_aborted);
  feed_one(1, 500, 0, Fault::client_aborted);
  feed_one(1, 0, 0, Fault::client_aborted);
  feed_one(2, 201);
  std::array<std::uint64_t, 3> seen{};
  ledger.fold(batch, 0, at(1s), {}, {}, [&](RouteId route, std::uint64_t times, TimePoint ended) {
    seen[route.index()] += times;
    CHECK(ended == at(1s).clock);
  });
  CHECK(seen == std::array<std::uint64_t, 3>{0, wanted, 1});
}

TEST_CASE("Events: a distribution below zero keeps its sign in every figure, over windows, resets and merges") {
  std::mt19937 random(5);
  EventLedger ledger(at(0s));
  std::vector<double> all;
  for (int i = 0; i < 2000; ++i) {
    Event event;
    event.name = "drift";
    event.kind = EventKind::distribution;
    event.amount = static_cast<double>(random() % 20001) / 100 - 150;
    if (i % 3 == 0) event.tags = {{"side", i % 2 == 0 ? "a" : "b"}};
    all.push_back(event.amount);
    add(ledger, 1s + i * 10ms, event);
  }
  std::sort(all.begin(), all.end());
  for (const Window window : {Window::minute, Window::all}) {
    const EventFigures figures_now = figures(ledger, "drift", EventKind::distribution, window, 25s);
    const SignedValues values(figures_now);
    CHECK(values.count() == all.size());
    CHECK(seconds(values.min()) == doctest::Approx(all.front()));
    CHECK(seconds(values.max()) == doctest::Approx(all.back()));
    double sum = 0;
    for (const double one : all) sum += one;
    CHECK(values.mean_seconds() == doctest::Approx(sum / static_cast<double>(all.size())));
    for (const double q : {0.0, 0.001, 0.1, 0.5, 0.7, 0.745, 0.75, 0.9, 0.99, 0.999, 1.0}) {
      const auto rank = static_cast<std::size_t>(
          std::clamp(std::ceil(q * static_cast<double>(all.size()) - 1e-6), 1.0, static_cast<double>(all.size())));
      const double expected = all[rank - 1];
      INFO(q);
      CHECK(std::abs(seconds(values.quantile(q)) - expected) <= std::abs(expected) * Sketch::kRelativeError + 1e-9);
    }
  }
  ledger.reset(at(30s));
  CHECK_FALSE(find(ledger.view(Window::all, at(31s)), "drift", EventKind::distribution));
  Event event;
  event.name = "drift";
  event.kind = EventKind::distribution;
  event.amount = -2;
  event.sample_rate = 0.5;
  add(ledger, 32s, event);
  const EventFigures fresh = figures(ledger, "drift", EventKind::distribution, Window::all, 33s);
  CHECK(SignedValues(fresh).count() == 2);
  CHECK(SignedValues(fresh).max() == -2s);
  CHECK(SignedValues(fresh).quantile(0.5) == -2s);
  const auto cumulative = find(ledger.cumulative_view(at(33s)), "drift", EventKind::distribution);
  REQUIRE(cumulative);
  CHECK(SignedValues(*cumulative).count() == all.size() + 2);
}

TEST_CASE("Events: there are never more series than said, however names and tags are mixed") {
  for (const int names : {1, 30, 400, 600}) {
    CAPTURE(names);
    EventLedger ledger(at(0s));
    for (int round = 0; round < 120; ++round) {
      for (int name = 0; name < names; ++name) {
        Event event;
        event.name = "name-" + std::to_string(name);
        event.kind = static_cast<EventKind>(name % 2);
        event.tags = {{"round", std::to_string(round)}};
        ledger.add(event, at(1s).clock, at(1s));
      }
    }
    const EventsView view = ledger.view(Window::all, at(1s));
    std::size_t series = 0;
    double counted = 0;
    for (const EventEntry& entry : view.events) {
      series += entry.series.size();
      for (const EventSeries& one : entry.series) {
        counted += entry.kind == EventKind::counter ? one.figures.count.net() : static_cast<double>(one.figures.values.count());
      }
    }
    CHECK(series <= EventLedger::kMostSeries);
    CHECK(counted == 120 * names);
  }
}

TEST_CASE("Events: a gauge still stands where it stood after a reset") {
  EventLedger ledger(at(0s));
  Event event;
  event.name = "depth";
  event.kind = EventKind::gauge;
  event.amount = 17;
  ledger.add(event, at(1s).clock, at(1s));
  ledger.reset(at(2s));
  const EventsView view = ledger.view(Window::all, at(3s));
  REQUIRE(view.events.size() == 1);
  CHECK(view.events[0].series[0].figures.level == 17);
  CHECK(view.events[0].series[0].figures.levels.is_empty);
  CHECK(view.events[0].series[0].figures.count.net() == 0);
}
