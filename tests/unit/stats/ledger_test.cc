#include <weir/stats/ledger.h>

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "feeding.h"

using namespace weir;
using namespace weir::stats;
using namespace weir::stats::test;

namespace {

ViewPtr view_of(Ledger& ledger, Nanos now, Window window = Window::all) {
  return ledger.view({.window = window}, at(now));
}

std::uint64_t requests_in(Ledger& ledger, Nanos now, Window window) {
  return view_of(ledger, now, window)->total.counts.requests;
}

constexpr std::array kSliding = {Window::minute, Window::five_minutes, Window::hour, Window::day};

}  // namespace

TEST_CASE("Ledger: a window with no request has no durations") {
  Ledger ledger({}, at(0s));
  const ViewPtr view = view_of(ledger, 10s, Window::minute);
  CHECK(view->total.is_empty());
  CHECK(view->total.duration.is_empty());
  CHECK(view->measured == 10s);
  CHECK(view->series.empty());
  CHECK(view->uptime == 10s);
}

TEST_CASE("Ledger: counts by kind") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s), 1s);
  feed(ledger, record_at(1s, {.status = 404}), 1s);
  feed(ledger, record_at(1s, {.status = 502, .traits = kLocalReply, .fault = Fault::connect_failed}), 1s);
  feed(ledger, record_at(1s, {.status = 200, .fault = Fault::upstream_truncated}), 1s);
  feed(ledger, record_at(1s, {.status = 200, .fault = Fault::client_aborted}), 1s);
  feed(ledger, record_at(1s, {.traits = kSlow}), 1s);
  feed(ledger, record_at(1s, {.traits = kProbe}), 1s);
  const ViewPtr view = view_of(ledger, 2s);
  const Figures::Counts& counts = view->total.counts;
  CHECK(counts.requests == 6);
  CHECK(counts.errors == 3);
  CHECK(view->total.error_rate() == doctest::Approx(50));
  CHECK(counts.slow == 1);
  CHECK(counts.client_aborted == 1);
  CHECK(counts.local_replies == 1);
  CHECK(counts.status == std::array<std::uint64_t, 6>{0, 0, 4, 0, 1, 1});
  CHECK(counts.faults[static_cast<std::size_t>(Fault::connect_failed)] == 1);
  CHECK(counts.faults[static_cast<std::size_t>(Fault::none)] == 0);
  CHECK(view->asides.probes == 1);
}

TEST_CASE("Ledger: a stream counts with its time to first byte, and its open time stands apart") {
  Ledger ledger({}, at(0s));
  Record chat = record_at(1h, {.duration = 3ms, .status = 101, .traits = kStream});
  chat.stream_ns = Nanos(1h).count();
  feed(ledger, chat, 1h);
  const ViewPtr view = view_of(ledger, 1h);
  CHECK(view->total.duration.max() == 3ms);
  CHECK(view->total.streams.count() == 1);
  CHECK(view->total.streams.max() == 1h);
}

TEST_CASE("Ledger: a record stays for its window and is gone a step later") {
  for (const Window window : kSliding) {
    CAPTURE(label(window));
    const auto [span, step] = shape_of(window);
    // At several places within a slice, for the edges differ.
    for (const Nanos ended : {Nanos(1ns), Nanos(4'999'999'999ns), Nanos(5s), Nanos(59s), Nanos(12min), Nanos(899s)}) {
      CAPTURE(ended.count());
      for (const Nanos age : {Nanos(0), Nanos(1ns), span / 2, span - 1ns}) {
        Ledger ledger({}, at(0s));
        feed(ledger, record_at(ended), ended);
        CHECK(requests_in(ledger, ended + age, window) == 1);
      }
      for (const Nanos age : {span + step, span + step + 1ns, 2 * span, 40 * span}) {
        Ledger ledger({}, at(0s));
        feed(ledger, record_at(ended), ended);
        CHECK(requests_in(ledger, ended + age, window) == 0);
        CHECK(requests_in(ledger, ended + age, Window::all) == 1);
      }
    }
  }
}

TEST_CASE("Ledger: a record that is handed over late belongs to the slice of its end") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(4s), 6s);
  // By 4 s + 65 s it must have left, though by the hand-over it had another 2 s.
  CHECK(requests_in(ledger, 64s, Window::minute) == 1);
  CHECK(requests_in(ledger, 69s, Window::minute) == 0);
  CHECK(view_of(ledger, 69s)->asides.late == 0);
}

TEST_CASE("Ledger: a record that is very late goes into the oldest open slice, and that is counted") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s), 100s);
  CHECK(requests_in(ledger, 100s, Window::minute) == 1);
  CHECK(view_of(ledger, 100s)->asides.late == 1);
  CHECK(requests_in(ledger, 160s, Window::minute) == 0);
}

TEST_CASE("Ledger: a clock that steps neither loses nor invents") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(100s), 100s);
  feed(ledger, record_at(40s), 40s);      // backwards: time stands still
  feed(ledger, record_at(-10s), 100s);    // from before the start
  feed(ledger, record_at(500s), 101s);    // from a future
  CHECK(requests_in(ledger, 101s, Window::minute) == 4);
  CHECK(requests_in(ledger, 50s, Window::minute) == 4);
  CHECK(requests_in(ledger, 101s + 30 * 24h, Window::day) == 0);
  CHECK(requests_in(ledger, 101s + 30 * 24h, Window::all) == 4);
  feed(ledger, record_at(30 * 24h + 200s), 30 * 24h + 200s);
  CHECK(requests_in(ledger, 30 * 24h + 200s, Window::minute) == 1);
}

TEST_CASE("Ledger: while a clock has gone back, a record stays as long as it should") {
  Ledger ledger({}, at(0s));
  ledger.advance(at(100s).clock);
  feed(ledger, record_at(100s), 40s);
  CHECK(requests_in(ledger, 159s, Window::minute) == 1);
  CHECK(requests_in(ledger, 165s, Window::minute) == 0);
}

TEST_CASE("Ledger: min and max of a window are those of what is still in it") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s, {.duration = 1ms}), 1s);
  feed(ledger, record_at(11s, {.duration = 50ms}), 11s);
  feed(ledger, record_at(21s, {.duration = 900ms}), 21s);
  feed(ledger, record_at(31s, {.duration = 51ms}), 31s);
  const auto extremes = [&](Nanos now) {
    const ViewPtr view = view_of(ledger, now, Window::minute);
    return std::pair(view->total.duration.min(), view->total.duration.max());
  };
  CHECK(extremes(50s) == std::pair<Nanos, Nanos>(1ms, 900ms));
  CHECK(extremes(67s) == std::pair<Nanos, Nanos>(50ms, 900ms));
  CHECK(extremes(86s) == std::pair<Nanos, Nanos>(51ms, 51ms));
}

TEST_CASE("Ledger: a rate is that of the window, by the length of it that was measured") {
  Ledger ledger({}, at(0s));
  const auto rate = [&](Nanos now, Window window, const Scope& scope = {}) {
    const ViewPtr view = ledger.view({.window = window, .scope = scope}, at(now));
    return per_minute(static_cast<double>(view->total.counts.requests), view->measured);
  };
  for (int second = 0; second < 600; ++second) {
    for (int i = 0; i < 7; ++i) feed(ledger, record_at(second * 1s + 500ms), second * 1s + 500ms);
    for (const Window window : {Window::minute, Window::five_minutes, Window::hour, Window::all}) {
      // Right from the first second on.
      CHECK(rate(second * 1s + 999ms, window) == doctest::Approx(420).epsilon(second < 60 ? 0.02 + 0.5 / (second + 1) : 0.02));
    }
  }
  CHECK(rate(600s + 59s, Window::minute) == doctest::Approx(420 * 5.0 / 64).epsilon(0.15));
  CHECK(rate(1200s, Window::minute) == 0);
  CHECK(rate(1200s, Window::all) == doctest::Approx(210));
  ledger.reset({}, at(1200s));
  CHECK(rate(1200s, Window::all) == 0);
  for (int i = 0; i < 10; ++i) feed(ledger, record_at(1205s), 1205s);
  for (const Window window : {Window::minute, Window::hour, Window::all}) CHECK(rate(1210s, window) == 60);
}

TEST_CASE("Ledger: after a reset of one route its rate is over the time since, in views and courses alike") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(100s, {.route = RouteId(1)}), 100s);
  feed(ledger, record_at(100s, {.route = RouteId(2)}), 100s);
  ledger.reset({RouteId(1), std::nullopt}, at(280s));
  for (int i = 0; i < 190; ++i) feed(ledger, record_at(290s, {.route = RouteId(1)}), 290s);
  const ViewPtr view = ledger.view({.window = Window::five_minutes}, at(300s));
  CHECK(view->find(RouteId(1), Method::get)->measured == 20s);
  CHECK(view->find(RouteId(2), Method::get)->measured == 300s);
  const Course one = ledger.course({Window::minute, [](RouteId route, Method) { return route == RouteId(1); }}, at(300s));
  CHECK(one.current.length == 20s);
  CHECK(one.current.figures.counts.requests == 190);
  CHECK_FALSE(one.before.has_value());
  const Course other = ledger.course({Window::minute, [](RouteId route, Method) { return route == RouteId(2); }}, at(300s));
  CHECK(other.current.length == 60s);
  CHECK(other.before.has_value());
}

TEST_CASE("Ledger: a route that was reset is measured for longer once one is folded into it that was not") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(100s, {.route = RouteId(1)}), 100s);
  for (int i = 0; i < 50; ++i) feed(ledger, record_at(100s, {.route = RouteId(2)}), 100s);
  ledger.reset({RouteId(1), std::nullopt}, at(280s));
  ledger.merge_series(RouteId(2), RouteId(1));
  const ViewPtr view = ledger.view({.window = Window::five_minutes}, at(300s));
  const SeriesView* series = view->find(RouteId(1), Method::get);
  REQUIRE(series != nullptr);
  CHECK(series->figures.counts.requests == 50);
  CHECK(series->measured == 300s);
}

TEST_CASE("Ledger: what is under way under two names of one route counts together towards its highest") {
  Ledger ledger({}, at(0s));
  ledger.set_current([](RouteId route) { return route == RouteId(2) ? RouteId(1) : route; });
  Batch batch;
  batch.add(record_at(1s, {.route = RouteId(1)}));
  batch.in_flight() = {{RouteId(1), Method::get, 3}, {RouteId(3), Method::get, 1}, {RouteId(2), Method::get, 4}};
  batch.note_in_flight(8);
  ledger.fold(batch, 0, at(1s));
  const ViewPtr view = ledger.view({}, at(2s));
  const SeriesView* series = view->find(RouteId(1), Method::get);
  REQUIRE(series != nullptr);
  CHECK(series->in_flight == 7);
  CHECK(series->highest_in_flight == 7);
}

TEST_CASE("Ledger: a view is a picture that later records do not change") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s), 1s);
  const ViewPtr before = view_of(ledger, 1s);
  feed(ledger, record_at(2s), 2s);
  CHECK(before->total.counts.requests == 1);
  CHECK(view_of(ledger, 2s)->total.counts.requests == 2);
}

TEST_CASE("Ledger: series stand by route, then method, each with its own figures") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(3s, {.route = RouteId(2), .method = Method::post, .duration = 2ms}), 3s);
  feed(ledger, record_at(1s, {.route = RouteId(2), .method = Method::get}), 3s);
  feed(ledger, record_at(1s, {.route = kUnmatchedRoute, .method = Method::other}), 3s);
  const ViewPtr view = view_of(ledger, 3s);
  REQUIRE(view->series.size() == 3);
  CHECK(view->series[0].route == kUnmatchedRoute);
  CHECK(view->series[1].method == Method::get);
  const SeriesView* post = view->find(RouteId(2), Method::post);
  REQUIRE(post != nullptr);
  CHECK(post->figures.duration.max() == 2ms);
  CHECK(post->last_seen == at(3s).wall);
  CHECK(view->find(RouteId(2), Method::put) == nullptr);
  CHECK(view->find(RouteId(9), Method::get) == nullptr);
}

TEST_CASE("Ledger: a scope narrows total, series and samples") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s, {.route = RouteId(1), .traits = kSlow}), 1s);
  feed(ledger, record_at(1s, {.route = RouteId(1), .method = Method::post, .traits = kSlow}), 1s);
  feed(ledger, record_at(1s, {.route = RouteId(2), .traits = kSlow}), 1s);
  const ViewPtr view = ledger.view({.scope = {RouteId(1), Method::post}}, at(1s));
  CHECK(view->total.counts.requests == 1);
  CHECK(view->series.size() == 1);
  CHECK(view->slow.size() == 1);
  CHECK(ledger.view({.scope = {RouteId(1), std::nullopt}}, at(1s))->total.counts.requests == 2);
}

TEST_CASE("Ledger: in flight is what each worker said last") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s), 1s);
  Batch first;
  first.in_flight().push_back({RouteId(1), Method::get, 3});
  ledger.fold(first, 0, at(2s));
  Batch second;
  second.in_flight().push_back({RouteId(1), Method::get, 2});
  second.in_flight().push_back({RouteId(2), Method::get, 1});
  ledger.fold(second, 1, at(2s));
  CHECK(view_of(ledger, 2s)->concurrency.now == 6);
  CHECK(view_of(ledger, 2s)->series[0].in_flight == 5);
  ledger.fold(Batch(), 0, at(3s));  // no picture: the last one holds
  CHECK(view_of(ledger, 3s)->concurrency.now == 6);
  Batch idle;
  idle.in_flight();
  ledger.fold(idle, 0, at(4s));
  CHECK(view_of(ledger, 4s)->concurrency.now == 3);
}

TEST_CASE("Ledger: the highest concurrency is kept over every window") {
  Ledger ledger({}, at(0s));
  const auto say = [&](std::size_t worker, std::uint32_t over_all, Nanos now) {
    Batch batch;
    batch.add(record_at(now));
    batch.note_in_flight(over_all);
    ledger.fold(batch, worker, at(now));
  };
  say(0, 40, 1s);
  say(1, 7, 1s);
  say(0, 3, 100s);
  CHECK(view_of(ledger, 100s, Window::minute)->concurrency.highest == 3);
  CHECK(view_of(ledger, 100s, Window::five_minutes)->concurrency.highest == 40);
  CHECK(view_of(ledger, 100s, Window::all)->concurrency.highest == 40);
}

TEST_CASE("Ledger: attempts at a server are counted since the start, also of one that served nothing") {
  Ledger ledger({}, at(0s));
  Batch batch;
  batch.failed_attempts().count(ServerId(1), AttemptOutcome::not_connected);
  for (const Nanos now : {1s, 2s}) ledger.fold(batch, 0, at(now));
  ledger.reset({}, at(3s));
  const ViewPtr view = ledger.cumulative_view(at(3s));
  REQUIRE(view->servers.size() == 1);
  CHECK(view->servers[0].attempts == AttemptCounts{0, 2});
  CHECK(view->servers[0].figures.is_empty());
  CHECK(view_of(ledger, 3s)->servers.empty());
}

TEST_CASE("Ledger: each server has its own figures") {
  Ledger ledger({}, at(0s));
  Record record = record_at(1s, {.duration = 7ms});
  record.server = ServerId(1);
  feed(ledger, record, 1s);
  feed(ledger, record_at(1s), 1s);  // no server
  const ViewPtr view = view_of(ledger, 1s);
  REQUIRE(view->servers.size() == 1);
  CHECK(view->servers[0].server == ServerId(1));
  CHECK(view->servers[0].figures.duration.max() == 7ms);
  CHECK(view->servers[0].last_seen == at(1s).wall);
}

TEST_CASE("Ledger: a batch that nobody took loses no count and no quantile") {
  Ledger stalled({}, at(0s));
  Ledger prompt({}, at(0s));
  std::mt19937_64 random(1);
  Batch full;
  Detail detail;
  detail.path = "/x";
  for (std::size_t i = 0; i < 3 * Batch::kMaxRecords + 17; ++i) {
    const Record record = random_record(random, 2s);
    full.add(record, detail);
    Batch one;
    one.add(record, detail);
    prompt.fold(one, 0, at(3s));
  }
  stalled.fold(full, 0, at(3s));
  for (const Window window : {Window::minute, Window::day, Window::all}) {
    const ViewPtr a = view_of(stalled, 3s, window);
    const ViewPtr b = view_of(prompt, 3s, window);
    REQUIRE(a->series.size() == b->series.size());
    for (std::size_t i = 0; i < a->series.size(); ++i) CHECK(a->series[i].figures == b->series[i].figures);
    CHECK(a->asides.probes == b->asides.probes);
    CHECK(a->servers.size() == b->servers.size());
    CHECK(a->concurrency.highest == b->concurrency.highest);
  }
  CHECK(view_of(stalled, 3s)->asides.details_left_out == 3 * Batch::kMaxRecords);
}

TEST_CASE("Ledger: a resolver finds the route of unmatched records, probes aside") {
  Ledger ledger({}, at(0s));
  Batch batch;
  Detail detail;
  detail.path = "/projects";
  batch.add(record_at(1s, {.route = kUnmatchedRoute, .traits = kSlow}), detail);
  batch.add(record_at(1s, {.route = RouteId(1)}), detail);
  batch.add(record_at(1s, {.route = kUnmatchedRoute, .traits = kProbe}), detail);
  int asked = 0;
  ledger.fold(batch, 0, at(1s), [&](const Record&, const Detail& texts) {
    ++asked;
    return texts.path == "/projects" ? RouteId(5) : kUnmatchedRoute;
  });
  CHECK(asked == 1);
  const ViewPtr view = view_of(ledger, 1s);
  CHECK(view->find(RouteId(5), Method::get) != nullptr);
  CHECK(view->find(kUnmatchedRoute, Method::get) == nullptr);
  CHECK(view->slow.at(0)->record.route == RouteId(5));
}

TEST_CASE("Ledger: a route that is found does not take over what was under way of no route") {
  Ledger ledger({}, at(0s));
  Batch batch;
  Detail detail;
  detail.path = "/quiet";
  Record record = record_at(1s, {.route = kUnmatchedRoute, .traits = kSlow});
  record.concurrency = record.route_concurrency = 9;
  batch.add(record, detail);
  detail.path = "/other";
  record.route_concurrency = 8;
  batch.add(record, detail);
  batch.note_in_flight(9);
  ledger.fold(batch, 0, at(1s), [&](const Record&, const Detail& texts) {
    return texts.path == "/quiet" ? RouteId(5) : kUnmatchedRoute;
  });
  const ViewPtr view = view_of(ledger, 1s);
  REQUIRE(view->find(RouteId(5), Method::get) != nullptr);
  // Of the route itself no more is known than this one request.
  CHECK(view->find(RouteId(5), Method::get)->highest_in_flight == 1);
  CHECK(view->find(kUnmatchedRoute, Method::get)->highest_in_flight == 8);
  for (const auto& sample : view->slow) {
    CHECK(sample->record.concurrency == 9);
    CHECK(sample->record.route_concurrency == (sample->record.route == RouteId(5) ? 1 : 8));
  }

  // From when the worker knows the route, its own count is the highest.
  Record known = record_at(2s, {.route = RouteId(5)});
  known.concurrency = known.route_concurrency = 3;
  feed(ledger, known, 2s);
  CHECK(view_of(ledger, 2s)->find(RouteId(5), Method::get)->highest_in_flight == 3);
}

TEST_CASE("Ledger: routes that become one had at least as many under way at once as they have now") {
  Ledger ledger({}, at(0s));
  Batch batch;
  for (std::uint32_t route = 1; route <= 20; ++route) {
    batch.add(record_at(1s, {.route = RouteId(route)}));
    batch.in_flight().push_back({RouteId(route), Method::get, 5});
  }
  batch.note_in_flight(100);
  ledger.fold(batch, 0, at(1s));
  for (std::uint32_t route = 2; route <= 20; ++route) ledger.merge_series(RouteId(route), RouteId(1));
  const auto highest = [&](Nanos now, Window window) {
    return ledger.view({.window = window}, at(now))->find(RouteId(1), Method::get)->highest_in_flight;
  };
  for (const Window window : {Window::minute, Window::hour, Window::all}) CHECK(highest(2s, window) == 100);
  CHECK(highest(100s, Window::minute) == 0);
  CHECK(highest(100s, Window::all) == 100);
}

TEST_CASE("Ledger: peaks of two routes that become one are an upper bound in every window") {
  Ledger ledger({}, at(0s));
  const auto say = [&](std::uint32_t route, std::uint16_t count, Nanos now) {
    Batch batch;
    Record record = record_at(now, {.route = RouteId(route)});
    record.route_concurrency = count;
    batch.add(record);
    batch.note_in_flight(1000);
    ledger.fold(batch, 0, at(now));
  };
  say(1, 50, 1s);
  say(2, 7, 100s);
  say(1, 20, 200s);
  say(2, 3, 290s);
  ledger.merge_series(RouteId(2), RouteId(1));
  const auto highest = [&](Window window) {
    return ledger.view({.window = window}, at(295s))->find(RouteId(1), Method::get)->highest_in_flight;
  };
  CHECK(highest(Window::minute) == 3);
  CHECK(highest(Window::five_minutes) == 57);
  CHECK(highest(Window::all) == 57);
}

TEST_CASE("Ledger: an hour of the day is never that of today and of yesterday in one") {
  Ledger ledger({}, at(0s));  // 09:33:20 by the wall clock
  const auto hour = [](Nanos since) {
    return static_cast<std::size_t>(
        std::chrono::floor<std::chrono::hours>(at(since).wall.time_since_epoch()).count() % 24);
  };
  const Nanos before_full = 24h - Nanos(at(0s).wall.time_since_epoch() % 1h);
  for (int i = 0; i < 1000; ++i) feed(ledger, record_at(before_full - 23h - 50min), before_full - 23h - 50min);
  const Nanos now = before_full + 5min;
  for (int i = 0; i < 10; ++i) feed(ledger, record_at(now), now);
  const ViewPtr view = ledger.view({}, at(now));
  CHECK(view->busy.by_hour[hour(now)] == 10);
  CHECK(view->busy.peak_requests == 1000);  // the busiest minute of 24 hours is still known
}
