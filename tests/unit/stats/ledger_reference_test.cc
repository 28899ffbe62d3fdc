#include <algorithm>
#include <map>
#include <optional>

#include <doctest/doctest.h>

#include "feeding.h"

using namespace weir;
using namespace weir::stats;
using namespace weir::stats::test;

namespace {

/// All records in a list, and every figure by going through it: slow, and too simple to be wrong.
class Reference {
 public:
  void add(const Record& record, Nanos ended) { records_.push_back({record, ended}); }
  void reset(const Scope& scope) {
    std::erase_if(records_, [&](const Entry& e) { return scope.holds(e.record.route, e.record.method); });
  }
  void merge_series(RouteId from, RouteId into) {
    for (Entry& entry : records_) {
      if (entry.record.route == from) entry.record.route = into;
    }
  }

  /// What ended in the slices that a window holds at `now`.
  Figures figures(Window window, Nanos now, const Scope& scope = {}) const {
    Figures figures;
    for_each(window, now, scope, [&](const Record& record) { figures.add(record); });
    return figures;
  }
  ConcurrencyLevels levels(Window window, Nanos now, const Scope& scope = {}) const {
    ConcurrencyLevels levels;
    for_each(window, now, scope,
             [&](const Record& record) { add_to_levels(levels, record.concurrency, record.duration_ns); });
    return levels;
  }
  Figures server_figures(ServerId server, Window window, Nanos now) const {
    Reference mine;
    for (const Entry& entry : records_) {
      if (entry.record.server == server) mine.records_.push_back(entry);
    }
    return mine.figures(window, now);
  }

 private:
  struct Entry {
    Record record;
    Nanos ended;
  };

  template <class Visit>
  void for_each(Window window, Nanos now, const Scope& scope, Visit visit) const {
    const auto [span, step] = shape_of(window);
    for (const Entry& entry : records_) {
      if (entry.record.has(kProbe) || !scope.holds(entry.record.route, entry.record.method)) continue;
      if (window == Window::all || entry.ended / step >= now / step - span / step) visit(entry.record);
    }
  }

  std::vector<Entry> records_;
};

constexpr std::array kWindows = {Window::minute, Window::five_minutes, Window::hour, Window::day, Window::all};

bool same_levels(const ConcurrencyLevels& a, const ConcurrencyLevels& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_but_extremes);
}

void compare(Ledger& ledger, const Reference& reference, Nanos now) {
  for (const Window window : kWindows) {
    CAPTURE(label(window));
    CAPTURE(now.count());
    const ViewPtr view = ledger.view({.window = window, .with_levels = true}, at(now));
    REQUIRE(same_levels(view->levels, reference.levels(window, now)));
    REQUIRE(same_figures(view->total, reference.figures(window, now)));
    std::uint64_t listed = 0;
    for (const SeriesView& series : view->series) {
      REQUIRE(same_levels(series.levels, reference.levels(window, now, {series.route, series.method})));
      REQUIRE(same_figures(series.figures, reference.figures(window, now, {series.route, series.method})));
      listed += series.figures.counts.requests;
    }
    REQUIRE(listed == view->total.counts.requests);
    for (const ServerView& server : view->servers) {
      REQUIRE(same_figures(server.figures, reference.server_figures(server.server, window, now)));
    }
    const ViewPtr lean = ledger.view({.window = window, .with_phases = false}, at(now));
    REQUIRE(lean->total.duration == view->total.duration);
    REQUIRE(lean->total.counts == view->total.counts);
    REQUIRE(lean->total.phases[4].is_empty());
  }
}

/// How long nothing happens: mostly moments, now and then past an edge of a slice or of a whole window.
Nanos pause(std::mt19937_64& random) {
  constexpr std::array<Nanos, 8> kScales = {1ms, 100ms, 1s, 5s, 1min, 15min, 1h, 24h};
  constexpr std::array<double, 8> kWeights = {20, 20, 20, 20, 6, 2, 1, 0.3};
  const std::size_t which =
      std::discrete_distribution<std::size_t>(kWeights.begin(), kWeights.end())(random);
  if (random() % 4 == 0) return kScales[which];
  return Nanos(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * kScales[which].count())));
}

}  // namespace

TEST_CASE("Ledger: every figure of every window agrees with an exact reference, over random streams") {
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Ledger ledger({}, at(0s));
    Reference reference;
    Nanos now = 0s;
    for (int step = 0; step < 300; ++step) {
      const Nanos passed = pause(random);
      now += passed;
      Batch batch;
      for (std::uint64_t count = random() % 12; count != 0; --count) {
        // Handed over up to five seconds late: never so late that its slice has closed.
        const Nanos age = std::min<Nanos>(Nanos(static_cast<std::int64_t>(random() % 5'000'000'000)), now);
        const Record record = random_record(random, now - age);
        batch.add(record);
        reference.add(record, now - age);
      }
      ledger.fold(batch, step % 3, at(now));
      if (step % 40 == 39) {
        const Scope scope{
            random() % 4 == 0 ? std::nullopt : std::optional(RouteId(static_cast<std::uint32_t>(random() % 4))),
            random() % 2 == 0 ? std::nullopt : std::optional(Method::get)};
        // Servers know no routes: they start afresh only with everything.
        if (scope.is_everything()) {
          ledger.reset(scope, at(now));
          reference.reset(scope);
        }
      }
      if (step % 10 == 0) compare(ledger, reference, now);
    }
    // Once more at each edge, with nothing new.
    for (const Nanos edge : {Nanos(1ns), Nanos(5s), Nanos(60s), Nanos(65s), Nanos(5min), Nanos(1h), Nanos(61min),
                             Nanos(24h), Nanos(24h + 15min), Nanos(48h)}) {
      now += edge;
      compare(ledger, reference, now);
    }
  }
}

TEST_CASE("Ledger: merging series is exact in every window, and the merged one is as if it had never been") {
  for (std::uint32_t seed = 0; seed < 8; ++seed) {
    std::mt19937_64 random(seed);
    Ledger ledger({}, at(0s));
    Reference reference;
    Nanos now = 0s;
    for (int step = 0; step < 400; ++step) {
      now += pause(random);
      const Record record = random_record(random, now);
      feed(ledger, record, now);
      reference.add(record, now);
      if (step % 100 == 60) {
        const RouteId from(static_cast<std::uint32_t>(1 + random() % 3));
        const RouteId into((from.value + 1) % 4);
        ledger.merge_series(from, into);
        reference.merge_series(from, into);
        const ViewPtr view = ledger.view({}, at(now));
        for (const SeriesView& series : view->series) CHECK(series.route != from);
        for (const SamplePtr& sample : view->errors) CHECK(sample->record.route != from);
      }
      if (step % 20 == 0) compare(ledger, reference, now);
    }
    now += 25h;
    compare(ledger, reference, now);
  }
}

TEST_CASE("Ledger: a reset of one route leaves the others, and what they share is theirs alone") {
  std::mt19937_64 random(1);
  Ledger ledger({}, at(0s));
  Reference reference;
  for (int i = 0; i < 500; ++i) {
    Record record = random_record(random, i * 1s);
    record.server = kNoServer;
    feed(ledger, record, i * 1s);
    reference.add(record, i * 1s);
  }
  const Scope scope{RouteId(2), Method::get};
  ledger.reset(scope, at(500s));
  reference.reset(scope);
  compare(ledger, reference, 500s);
  compare(ledger, reference, 1000s);
  const ViewPtr view = ledger.view({}, at(500s));
  CHECK(view->find(RouteId(2), Method::get) == nullptr);
  CHECK(view->since == view->started);
  for (const SamplePtr& sample : view->slow) {
    CHECK(!scope.holds(sample->record.route, sample->record.method));
  }
}

TEST_CASE("Ledger: a reset starts everything afresh, and cumulative totals never decrease") {
  std::mt19937_64 random(2);
  Ledger ledger({}, at(0s));
  Reference all;
  Nanos now = 0s;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 200; ++i) {
      now += pause(random);
      const Record record = random_record(random, now);
      feed(ledger, record, now);
      all.add(record, now);
    }
    const ViewPtr before = ledger.cumulative_view(at(now));
    CHECK(same_figures(before->total, all.figures(Window::all, now)));
    ledger.reset({}, at(now));
    const ViewPtr after = ledger.cumulative_view(at(now));
    CHECK(after->total == before->total);
    CHECK(after->asides.probes == before->asides.probes);
    CHECK(after->series.size() == before->series.size());

    const ViewPtr fresh = ledger.view({}, at(now));
    CHECK(fresh->total.is_empty());
    CHECK(fresh->series.empty());
    CHECK(fresh->servers.empty());
    CHECK(fresh->asides.probes == 0);
    CHECK(fresh->slow.empty());
    CHECK(fresh->errors.empty());
    CHECK(fresh->uniform.empty());
    CHECK(fresh->measured == 0s);
    CHECK(fresh->since == at(now).wall);
    CHECK(fresh->uptime == now);
    for (const Window window : kWindows) CHECK(ledger.view({.window = window}, at(now))->total.is_empty());
  }
}
