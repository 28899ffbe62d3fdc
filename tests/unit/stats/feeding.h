#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include <weir/stats/batch.h>
#include <weir/stats/ledger.h>

namespace weir::stats::test {

/// A time of the tests' own: `since_start` after a start that is no round number on either clock.
inline Moment at(Nanos since_start) {
  const Nanos start = 1'234'567'890'123ns;
  return {TimePoint(start + since_start),
          WallTime(std::chrono::duration_cast<WallTime::duration>(1'769'852'000s + since_start))};
}

inline std::int64_t ns_of(Nanos since_start) { return at(since_start).clock.time_since_epoch().count(); }

struct Facts {
  RouteId route{1};
  Method method = Method::get;
  Nanos duration = 10ms;
  std::uint16_t status = 200;
  std::uint16_t traits = 0;
  Fault fault = Fault::none;
};

inline Record record_at(Nanos ended, const Facts& facts = {}) {
  Record record;
  record.ended_ns = ns_of(ended);
  record.duration_ns = facts.duration.count();
  record.route = facts.route;
  record.method = facts.method;
  record.status = facts.status;
  record.traits = facts.traits;
  record.fault = facts.fault;
  return record;
}

/// Folds one record as of its end.
inline void feed(Ledger& ledger, const Record& record, Nanos now, const Detail& detail = {}) {
  Batch batch;
  batch.add(record, detail);
  ledger.fold(batch, 0, at(now));
}

/// A record with something in every field that the ledger looks at.
inline Record random_record(std::mt19937_64& random, Nanos ended) {
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  const auto duration = [&](double median, double spread) {
    return static_cast<float>(std::lognormal_distribution(std::log(median), spread)(random));
  };
  Record record = record_at(ended);
  record.route = RouteId(static_cast<std::uint32_t>(below(4)));
  record.method = below(5) == 0 ? Method::post : Method::get;
  record.status = static_cast<std::uint16_t>(below(10) == 0 ? 500 : below(10) == 0 ? 404 : 200);
  record.fault = below(30) == 0 ? static_cast<Fault>(1 + below(21)) : Fault::none;
  record.traits = static_cast<std::uint16_t>(below(64) & ~std::uint64_t{kProbe});
  if (below(20) == 0) record.traits |= kProbe;
  if (record.has(kStream)) record.stream_ns = static_cast<std::int64_t>(duration(30e9, 1));
  record.server = below(8) == 0 ? kNoServer : ServerId(static_cast<std::uint32_t>(below(3)));
  record.bytes_in = below(3) == 0 ? below(10'000) : 0;
  record.bytes_out = below(100'000);
  record.concurrency = static_cast<std::uint16_t>(1 + below(40));
  record.phases.client_send = below(4) == 0 ? duration(1e5, 0.5) : 0;
  record.phases.queue = below(9) == 0 ? duration(1e6, 2) : 0;
  record.phases.connect = below(9) == 0 ? duration(3e5, 0.2) : 0;
  record.phases.send = duration(1e4, 0.3);
  record.phases.wait = duration(2e7, 0.8);
  record.phases.receive = duration(1e5, 1);
  record.phases.client_read = duration(1e4, 0.3);
  record.phases.weir = duration(2e4, 0.3);
  record.duration_ns = static_cast<std::int64_t>(record.phases.wait + record.phases.receive);
  return record;
}

inline bool same_but_extremes(Sketch a, Sketch b) {
  a.set_extremes(Nanos(0), Nanos(0));
  b.set_extremes(Nanos(0), Nanos(0));
  return a == b;
}

/// As the ledger gives them over a sliding window: of phases and streams the extremes are not kept exactly.
inline bool same_figures(const Figures& a, const Figures& b) {
  for (std::size_t i = 0; i < kPhases; ++i) {
    if (!same_but_extremes(a.phases[i], b.phases[i])) return false;
  }
  return a.counts == b.counts && a.duration == b.duration && same_but_extremes(a.streams, b.streams);
}

}  // namespace weir::stats::test
