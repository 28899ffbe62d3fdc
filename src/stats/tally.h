#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <weir/base/ids.h>
#include <weir/base/method.h>
#include <weir/stats/concurrency_levels.h>
#include <weir/stats/figures.h>
#include <weir/stats/record.h>
#include "series_index.h"

namespace weir::stats {

/// Sums of records that could not be handed over one by one, folded by the same `Figures::add` as the ledger's own:
/// no count and no quantile is lost, only the texts and the exact slice of each record's end.
class Tally {
 public:
  struct Entry {
    RouteId route;
    Method method = Method::other;
    Figures figures;
    std::int64_t newest_ns = 0;
    ConcurrencyLevels levels;
    std::uint16_t highest_concurrency = 0;  ///< Record::route_concurrency
    std::uint64_t successes = 0;            ///< see is_success
  };
  struct ServerEntry {
    ServerId server;
    Figures figures;
    std::int64_t newest_ns = 0;
  };
  /// Requests that ended in one second, so that a long stall makes no busy minute.
  struct Second {
    std::int64_t ended_ns;  ///< where it begins
    std::uint64_t requests;
  };

  void add(const Record& record);

  std::span<const Entry> entries() const { return entries_; }
  std::span<const ServerEntry> servers() const { return servers_; }
  std::span<const Second> seconds() const { return seconds_; }
  std::uint64_t probes() const { return probes_; }

 private:
  void note_second(std::int64_t ended_ns);

  SeriesIndex index_;
  std::vector<Entry> entries_;
  std::vector<ServerEntry> servers_;
  std::vector<Second> seconds_;
  std::uint64_t probes_ = 0;
};

}  // namespace weir::stats
