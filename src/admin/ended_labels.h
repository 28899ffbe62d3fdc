#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <weir/base/clock.h>
#include <weir/export/prometheus.h>
#include <weir/stats/view.h>

namespace weir::admin {

/// Series of /metrics whose label has ended: their route was folded into another or has another name. They stay for a
/// while with the values that they had at the end, so that every scraper sees what was counted since it came last, and
/// are gone then. Bounded by kMost, whatever is sent.
class EndedLabels {
 public:
  /// As long as Prometheus takes a sample for the present one.
  static constexpr Nanos kStay = 5min;
  static constexpr std::size_t kMost = 1000;

  /// `series` were exported under `path` until now. Where that has ended before, both are one.
  void add(const std::string& path, std::vector<stats::SeriesView> series, TimePoint now);

  /// Those that are to be exported. A label that `is_in_use` (again) stays as long as it is, since what has begun under it
  /// is exported together with this.
  using InUse = std::function<bool(const exporter::EndedSeries&)>;
  std::vector<std::shared_ptr<const exporter::EndedSeries>> list(TimePoint now, const InUse& is_in_use);

 private:
  struct Entry {
    std::shared_ptr<const exporter::EndedSeries> series;
    TimePoint at;
  };
  std::vector<Entry> entries_;  ///< oldest first
};

}  // namespace weir::admin
