#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include <weir/stats/ledger.h>
#include <weir/stats/sample.h>
#include <weir/stats/view.h>

#include "uniform_draw.h"

namespace weir::stats {

/// Why an exchange is called slow, and what it was held against.
struct Slow {
  SlowReason reason = SlowReason::none;
  Nanos usual_p99{0};
};

/// Single exchanges in bounded number: the newest and the slowest slow ones, the newest failures, and a uniform draw
/// of what was neither.
class Samples {
 public:
  explicit Samples(LedgerLimits limits) : limits_(limits), uniform_(limits.uniform) {}

  /// Says before a batch comes how many above their threshold and failures are in it: those that newer ones of the same
  /// batch would push out again are not even written down.
  void expect(std::size_t slow, std::size_t errors);
  /// `batch` holds the record's texts; `record` may have another route by now.
  void add(const Record& record, const Detail& detail, const Said& said, const Slow& slow, WallTime ended);

  void reset(const Scope& scope);
  void rename(RouteId from, RouteId into);
  void set_limits(LedgerLimits limits);
  void copy_to(View& view, const Scope& scope) const;
  std::size_t bytes() const;

 private:
  bool is_among_slowest(const Record& record) const;
  void keep_slowest(const SamplePtr& sample);
  template <class Visit>
  void for_each_list(Visit visit);

  LedgerLimits limits_;
  std::size_t slow_to_come_ = 0;
  std::size_t errors_to_come_ = 0;
  std::deque<SamplePtr> newest_slow_;      // above their threshold, newest first
  std::deque<SamplePtr> newest_outliers_;  // the other slow ones: they push none of those out
  std::deque<SamplePtr> slowest_;          // slowest first
  std::deque<SamplePtr> errors_;           // newest first
  UniformDraw uniform_;
};

}  // namespace weir::stats
