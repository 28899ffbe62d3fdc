#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <weir/base/ids.h>
#include <weir/base/method.h>
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
  };
  struct ServerEntry {
    ServerId server;
    Figures figures;
    std::int64_t newest_ns = 0;
  };

  void add(const Record& record);

  std::span<const Entry> entries() const { return entries_; }
  std::span<const ServerEntry> servers() const { return servers_; }
  std::uint64_t probes() const { return probes_; }
  std::uint16_t highest_concurrency() const { return highest_concurrency_; }

 private:
  SeriesIndex index_;
  std::vector<Entry> entries_;
  std::vector<ServerEntry> servers_;
  std::uint64_t probes_ = 0;
  std::uint16_t highest_concurrency_ = 0;
};

}  // namespace weir::stats
