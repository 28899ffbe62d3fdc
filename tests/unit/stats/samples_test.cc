#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "feeding.h"
#include "samples.h"
#include "top_band.h"

using namespace weir;
using namespace weir::stats;
using namespace weir::stats::test;

namespace {

Detail named(const std::string& path) {
  Detail detail;
  detail.path = path;
  return detail;
}

std::vector<std::string> paths(const std::vector<SamplePtr>& samples) {
  std::vector<std::string> result;
  for (const SamplePtr& sample : samples) result.push_back(sample->path);
  return result;
}

using Paths = std::vector<std::string>;

/// The first so many.
Paths first(std::size_t count, const std::vector<SamplePtr>& samples) {
  Paths all = paths(samples);
  if (all.size() > count) all.resize(count);
  return all;
}

std::vector<SamplePtr> slowest(const View& view) {
  std::vector<SamplePtr> all = view.slow;
  std::stable_sort(all.begin(), all.end(), [](const SamplePtr& a, const SamplePtr& b) {
    return a->record.duration_ns > b->record.duration_ns;
  });
  return all;
}

}  // namespace

TEST_CASE("Samples: the newest and the slowest are both kept, in bounded number") {
  Ledger ledger({.slow = 3, .errors = 2, .uniform = 4}, at(0s));
  const std::array<int, 6> durations = {900, 100, 800, 200, 700, 300};
  for (std::size_t i = 0; i < durations.size(); ++i) {
    feed(ledger, record_at(1s, {.duration = durations[i] * 1ms, .traits = kSlow}), 1s,
         named("/" + std::to_string(durations[i])));
  }
  const ViewPtr view = ledger.view({}, at(1s));
  CHECK(first(3, view->slow) == Paths{"/300", "/700", "/200"});
  CHECK(first(3, slowest(*view)) == Paths{"/900", "/800", "/700"});
  CHECK(view->slow.size() == 5);  // three newer ones were slower than /100
  CHECK(view->total.counts.slow == 6);
}

TEST_CASE("Samples: one batch full of failures keeps the newest, as many batches would") {
  Ledger at_once({.slow = 5, .errors = 7}, at(0s));
  Ledger one_by_one({.slow = 5, .errors = 7}, at(0s));
  Batch batch;
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const Record record = random_record(random, 1s);
    const std::string path = "/" + std::to_string(i);
    batch.add(record, named(path));
    feed(one_by_one, record, 1s, named(path));
  }
  at_once.fold(batch, 0, at(1s));
  const ViewPtr a = at_once.view({}, at(1s));
  const ViewPtr b = one_by_one.view({}, at(1s));
  CHECK(a->errors.size() >= 7);
  CHECK(paths(a->errors) == paths(b->errors));
  CHECK(paths(a->slow) == paths(b->slow));
  CHECK(paths(a->uniform) == paths(b->uniform));
}

TEST_CASE("Samples: the newest come first, whichever worker hands over first") {
  Ledger ledger({.slow = 3, .errors = 3}, at(0s));
  const auto fail = [](Nanos ended) { return record_at(ended, {.status = 500, .traits = kSlow}); };
  Batch one;
  one.add(fail(2s), named("/2"));
  one.add(fail(4s), named("/4"));
  Batch other;
  other.add(fail(1s), named("/1"));
  other.add(fail(3s), named("/3"));
  ledger.fold(one, 0, at(5s));
  ledger.fold(other, 1, at(5s));
  const ViewPtr view = ledger.view({}, at(5s));
  CHECK(paths(view->errors) == Paths{"/4", "/3", "/2"});
  CHECK(paths(view->slow) == Paths{"/4", "/3", "/2"});
}

TEST_CASE("Samples: each says everything about its exchange") {
  Ledger ledger({}, at(0s));
  Record record = record_at(5s, {.route = RouteId(3),
                                 .duration = 2s,
                                 .status = 504,
                                 .traits = kSlow | kReusedConnection,
                                 .fault = Fault::response_timeout});
  record.phases.wait = 1.9e9F;
  record.concurrency = 12;
  Detail detail;
  detail.path = "/a";
  detail.client = "10.0.0.1";
  detail.user = "u7";
  detail.request_id = "r1";
  detail.trace_id = "t1";
  detail.server_timing = "db;dur=3";
  feed(ledger, record, 6s, detail);
  const ViewPtr view = ledger.view({}, at(6s));
  REQUIRE(view->errors.size() == 1);
  const Sample& sample = *view->errors[0];
  CHECK(sample.record.fault == Fault::response_timeout);
  CHECK(side_of(sample.record.fault) == Side::upstream);
  CHECK(sample.record.phases.wait == 1.9e9F);
  CHECK(sample.record.concurrency == 12);
  CHECK(sample.record.has(kReusedConnection));
  CHECK(sample.client == "10.0.0.1");
  CHECK(sample.user == "u7");
  CHECK(sample.request_id == "r1");
  CHECK(sample.trace_id == "t1");
  CHECK(sample.server_timing == "db;dur=3");
  CHECK(sample.ended == at(5s).wall);
  CHECK(view->slow[0] == view->errors[0]);  // one copy
}

TEST_CASE("Samples: a client that left is no failure") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s, {.status = 0, .fault = Fault::client_aborted}), 1s);
  CHECK(ledger.view({}, at(1s))->errors.empty());
}

TEST_CASE("Samples: what is far above the p99 of its route is slow, and says so") {
  Ledger ledger({}, at(0s));
  const auto take = [&](Nanos duration, Nanos now, RouteId route = RouteId(1)) {
    feed(ledger, record_at(now, {.route = route, .duration = duration}), now, named("/x"));
  };
  for (int i = 0; i < 199; ++i) take(40ms, 1s);
  take(500ms, 1s);  // of too few requests nobody knows what is usual
  CHECK(ledger.view({}, at(1s))->slow.empty());
  for (int i = 0; i < 200; ++i) take(40ms, 2s);
  take(199ms, 2s);  // not five times as much
  CHECK(ledger.view({}, at(2s))->slow.empty());
  take(300ms, 2s);
  take(300ms, 2s, RouteId(2));
  const ViewPtr view = ledger.view({}, at(2s));
  REQUIRE(view->slow.size() == 1);
  const Sample& sample = *view->slow[0];
  CHECK(sample.slow_reason == SlowReason::p99);
  CHECK(sample.usual_p99 >= 39ms);
  CHECK(sample.usual_p99 <= 41ms);
  CHECK(view->total.counts.slow == 0);
}

TEST_CASE("Samples: what a route usually takes is that of its last hour") {
  Ledger ledger({}, at(0s));
  const auto take = [&](Nanos duration, Nanos now) { feed(ledger, record_at(now, {.duration = duration}), now); };
  for (int i = 0; i < 300; ++i) take(30ms, 1s);
  for (int i = 0; i < 300; ++i) take(200ms, 2h);  // slower now, and no longer out of the ordinary
  const std::size_t before = ledger.view({}, at(2h))->slow.size();
  take(250ms, 2h + 10s);
  CHECK(ledger.view({}, at(2h + 10s))->slow.size() == before);
  take(1s, 2h + 10s);
  CHECK(ledger.view({}, at(2h + 10s))->slow.size() == before + 1);
}

TEST_CASE("Samples: below 100 ms, and of no route, nothing is far above") {
  Ledger ledger({}, at(0s));
  for (int i = 0; i < 300; ++i) feed(ledger, record_at(1s, {.duration = 1ms}), 1s);
  for (int i = 0; i < 300; ++i) feed(ledger, record_at(1s, {.route = kUnmatchedRoute, .duration = 1ms}), 1s);
  feed(ledger, record_at(1s, {.duration = 99ms}), 1s);
  feed(ledger, record_at(1s, {.route = kUnmatchedRoute, .duration = 900ms}), 1s);
  CHECK(ledger.view({}, at(1s))->slow.empty());
}

TEST_CASE("Samples: those above the threshold are not pushed out by the others") {
  Ledger ledger({.slow = 2}, at(0s));
  feed(ledger, record_at(1s, {.duration = 2s, .traits = kSlow}), 1s, named("/over"));
  for (int i = 0; i < 1000; ++i) feed(ledger, record_at(2s, {.duration = 10ms}), 2s);
  for (int i = 0; i < 5; ++i) {
    feed(ledger, record_at(Nanos(10s) + i * 1s, {.duration = 900ms}), Nanos(10s) + i * 1s,
         named("/" + std::to_string(i)));
  }
  const ViewPtr view = ledger.view({}, at(20s));
  CHECK(paths(view->slow) == Paths{"/4", "/3", "/over"});
  CHECK(view->slow[2]->slow_reason == SlowReason::threshold);
}

TEST_CASE("Samples: the uniform draw leaves out what is slow or failed") {
  Ledger ledger({}, at(0s));
  feed(ledger, record_at(1s, {.traits = kSampled}), 1s, named("/a"));
  feed(ledger, record_at(1s, {.traits = kSampled | kSlow}), 1s, named("/slow"));
  feed(ledger, record_at(1s, {.status = 500, .traits = kSampled}), 1s, named("/failed"));
  feed(ledger, record_at(2s, {.traits = kSampled}), 2s, named("/b"));
  CHECK(paths(ledger.view({}, at(2s))->uniform) == Paths{"/b", "/a"});
}

TEST_CASE("Samples: the draw stays uniform when workers send ever fewer") {
  Ledger ledger({.uniform = 1000}, at(0s));
  std::mt19937_64 random(5);
  // 40,000 in the first four seconds, one in two of them sent, then as many of which one in eight is.
  for (int second = 0; second < 8; ++second) {
    const std::uint8_t level = second < 4 ? 1 : 3;
    Batch batch;
    for (int i = 0; i < 10'000; ++i) {
      if (random() % (1U << level) != 0) continue;
      Record record = record_at(second * 1s, {.traits = kSampled});
      record.sample_level = level;
      batch.add(record);
      if (batch.records().size() == Batch::kMaxRecords) {
        ledger.fold(batch, 0, at(8s));
        batch.clear();
      }
    }
    ledger.fold(batch, 0, at(8s));
  }
  const ViewPtr view = ledger.view({}, at(8s));
  REQUIRE(view->uniform.size() == 1000);
  const auto late = std::count_if(view->uniform.begin(), view->uniform.end(),
                                  [](const SamplePtr& sample) { return sample->record.ended_ns >= ns_of(4s); });
  // 500, give or take four standard deviations.
  CHECK(late > 437);
  CHECK(late < 563);
}

TEST_CASE("Samples: the uniform draw is uniform over the whole stream") {
  Ledger ledger({.uniform = 2000}, at(0s));
  for (int second = 0; second < 40; ++second) {
    Batch batch;
    for (int i = 0; i < 1000; ++i) batch.add(record_at(second * 1s + i * 1ms, {.traits = kSampled}));
    ledger.fold(batch, 0, at(40s));
  }
  const ViewPtr view = ledger.view({}, at(40s));
  REQUIRE(view->uniform.size() == 2000);
  std::array<int, 10> tenths{};
  for (const SamplePtr& sample : view->uniform) {
    ++tenths.at(static_cast<std::size_t>((sample->record.ended_ns - ns_of(0s)) / Nanos(4s).count()));
  }
  // 200 each, give or take four standard deviations.
  for (const int count : tenths) {
    CHECK(count > 145);
    CHECK(count < 255);
  }
}

TEST_CASE("Samples: lower limits cut what is kept, and none at all keeps none") {
  Ledger ledger({.slow = 5, .errors = 5, .uniform = 5}, at(0s));
  const auto feed_all = [&] {
    for (int i = 0; i < 9; ++i) {
      feed(ledger, record_at(1s, {.status = 500, .traits = kSlow}), 1s);
      feed(ledger, record_at(1s, {.traits = kSampled}), 1s);
    }
  };
  feed_all();
  ledger.set_limits({.slow = 2, .errors = 3, .uniform = 1});
  ViewPtr view = ledger.view({}, at(1s));
  CHECK(view->slow.size() == 2);
  CHECK(view->errors.size() == 3);
  CHECK(view->uniform.size() == 1);
  ledger.set_limits({.slow = 0, .errors = 0, .uniform = 0});
  feed_all();
  view = ledger.view({}, at(1s));
  CHECK(view->slow.empty());
  CHECK(view->errors.empty());
  CHECK(view->uniform.empty());
}

TEST_CASE("Samples: a draw stays fair after one route was reset") {
  // 5,000 of one route in the first half, mixed with those of another that is reset then, and 200 more afterwards.
  double late = 0;
  double all = 0;
  for (int trial = 0; trial < 40; ++trial) {
    Ledger ledger({.uniform = 100}, at(0s));
    for (int i = 0; i < trial; ++i) feed(ledger, record_at(0s, {.traits = kSampled}), 0s);
    ledger.reset({}, at(0s));
    Batch batch;
    const auto take = [&](RouteId route, int count, Nanos ended) {
      for (int i = 0; i < count; ++i) {
        batch.add(record_at(ended, {.route = route, .traits = kSampled}));
        if (batch.records().size() < Batch::kMaxRecords) continue;
        ledger.fold(batch, 0, at(ended));
        batch.clear();
      }
      ledger.fold(batch, 0, at(ended));
      batch.clear();
    };
    for (int i = 0; i < 50; ++i) {
      take(RouteId(1), 100, i * 1s);
      take(RouteId(2), 1900, i * 1s);
    }
    ledger.reset({RouteId(2), std::nullopt}, at(50s));
    take(RouteId(1), 200, 60s);
    const ViewPtr view = ledger.view({}, at(60s));
    for (const SamplePtr& sample : view->uniform) {
      all += 1;
      late += sample->record.ended_ns > ns_of(55s);
    }
    const ViewPtr part = ledger.view({.drawn_from = [](RouteId route, Method) { return route == RouteId(1); }}, at(60s));
    CHECK(part->uniform.size() >= 5);
  }
  // One in 26; of a biased draw it were nearly all.
  CHECK(all > 40);
  CHECK(late / all < 0.12);
}

TEST_CASE("Samples: a draw of one route has enough of it, each as likely, in every window") {
  Ledger ledger({.uniform = 100}, at(0s));
  std::array<int, 4> quarters{};
  int in_minute = 0;
  for (int trial = 0; trial < 200; ++trial) {
    ledger.reset({}, at(trial * 1000s));
    for (int i = 0; i < 80; ++i) {
      const Nanos ended = trial * 1000s + i * 10s;
      Batch batch;
      batch.add(record_at(ended, {.route = RouteId(2), .traits = kSampled}));
      for (int k = 0; k < 50; ++k) batch.add(record_at(ended, {.route = RouteId(1), .traits = kSampled}));
      ledger.fold(batch, 0, at(ended));
    }
    const auto draw = [&](Window window) {
      return ledger.view({.window = window, .drawn_from = [](RouteId route, Method) { return route == RouteId(2); }},
                         at(trial * 1000s + 795s));
    };
    const ViewPtr all = draw(Window::all);
    REQUIRE(all->uniform.size() >= Samples::kDrawnOfSeries);
    for (const SamplePtr& sample : all->uniform) {
      ++quarters.at(static_cast<std::size_t>((sample->record.ended_ns - ns_of(trial * 1000s)) / Nanos(200s).count()));
    }
    in_minute += static_cast<int>(draw(Window::minute)->uniform.size());
  }
  // A quarter each, give or take five standard deviations.
  const double each = std::accumulate(quarters.begin(), quarters.end(), 0) / 4.0;
  for (const int count : quarters) CHECK(std::abs(count - each) < 5 * std::sqrt(0.75 * each));
  CHECK(in_minute == 200 * 6);  // all that there are
}

TEST_CASE("Samples: many routes share what there is, and each keeps its best") {
  Ledger ledger({}, at(0s));
  Detail detail;
  const std::string long_path(1000, 'p');  // a Detail only points at its texts
  detail.path = long_path;
  Batch batch;
  for (int round = 0; round < 60; ++round) {
    for (std::uint32_t route = 0; route < 1000; ++route) {
      const Nanos duration = round == 7 ? 50s : round * 10ms + 1s;
      batch.add(record_at(round * 1s, {.route = RouteId(route), .duration = duration, .traits = kSlow}), detail);
      if (!batch.is_half_full()) continue;
      ledger.fold(batch, 0, at(60s));
      batch.clear();
    }
  }
  ledger.fold(batch, 0, at(60s));
  const ViewPtr view = ledger.view({}, at(60s));
  std::vector<int> best(1000);
  std::vector<int> newest(1000);
  for (const SamplePtr& sample : view->slow) {
    best[sample->record.route.value] += sample->record.duration_ns == Nanos(50s).count();
    newest[sample->record.route.value] += sample->record.ended_ns == ns_of(59s);
  }
  CHECK(std::count(best.begin(), best.end(), 1) == 1000);
  CHECK(std::count(newest.begin(), newest.end(), 1) == 1000);
  MESSAGE("bytes: " << ledger.bytes() << ", kept: " << view->slow.size());
  const std::size_t of_series = ledger.bytes();
  CHECK(of_series < Samples::kMostSeriesBytes * 5 / 4 + 1000 * 20'000);
}

TEST_CASE("Top band: the newest, and the best of every stretch of time up to now, whatever comes") {
  std::mt19937_64 random(3);
  for (const int shape : {0, 1, 2}) {
    CAPTURE(shape);
    TopBand band(5);
    std::vector<std::pair<std::int64_t, std::uint64_t>> all;
    for (int i = 0; i < 3000; ++i) {
      const std::uint64_t score = shape == 0 ? random() % 1000 : static_cast<std::uint64_t>(shape == 1 ? i : 5000 - i);
      auto sample = std::make_shared<Sample>();
      sample->counted_ns = i;
      band.add(sample, score);
      all.emplace_back(i, score);
      REQUIRE(band.entries().size() <= 30);
    }
    std::vector<std::int64_t> kept;
    for (const auto& entry : band.entries()) kept.push_back(entry.at());
    for (int i = 2995; i < 3000; ++i) CHECK(std::count(kept.begin(), kept.end(), i) == 1);
    // At least the very best of whatever stretch; of ever lower scores, none older than half of it again.
    for (const std::int64_t from : {0, 1500, 2700, 2990}) {
      std::uint64_t truth = 0;
      for (const auto& [at, score] : all) truth = at >= from ? std::max(truth, score) : truth;
      std::uint64_t found = 0;
      for (const auto& entry : band.entries()) found = entry.at() >= from ? std::max(found, entry.score) : found;
      if (shape < 2) {
        CHECK(found == truth);
      } else {
        CHECK(truth - found <= static_cast<std::uint64_t>(3000 - from) / 2 + 1);
      }
    }
  }
}
