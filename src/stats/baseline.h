#pragma once

#include <cstdint>
#include <optional>

#include <weir/stats/record.h>

#include "history.h"

namespace weir::stats {

/// What is usual for one series: the p99 of its last hour. Worked out when a candidate comes, at most once a slice and
/// once more whenever the number of requests has doubled, so it costs next to nothing.
class Baseline {
 public:
  /// So many requests in the hour make a p99 that says something.
  static constexpr std::uint64_t kEnough = 200;
  /// So many times the p99 is far above it.
  static constexpr std::int64_t kFarAbove = 5;

  void note(std::uint64_t requests) { seen_ += requests; }

  /// The p99, where `duration` is far above it.
  std::optional<Nanos> far_below(Nanos duration, const History& history, SliceNumber current) {
    if (duration < kLeastOutlier) return std::nullopt;
    if (current != worked_out_at_ || seen_ >= 2 * worked_out_of_) work_out(history, current);
    if (p99_ <= Nanos(0) || duration < kFarAbove * p99_) return std::nullopt;
    return p99_;
  }

 private:
  void work_out(const History& history, SliceNumber current) {
    Figures hour;
    history.add_to(hour, Window::hour, false);
    p99_ = hour.counts.requests < kEnough ? Nanos(0) : hour.duration.quantile(0.99);
    worked_out_at_ = current;
    worked_out_of_ = seen_;
  }

  Nanos p99_{0};  ///< 0: too few requests to tell
  SliceNumber worked_out_at_ = -1;
  std::uint64_t worked_out_of_ = 0;
  std::uint64_t seen_ = 0;
};

}  // namespace weir::stats
