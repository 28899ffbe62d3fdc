#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <weir/stats/concurrency_levels.h>

#include "history.h"

namespace weir::stats {

/// The durations of one series by concurrency level, over all windows. The first level, where most of them are as a
/// rule, is not kept: it is what is left of all when the others are taken out, exact but for its min and max, which are
/// then known to a bucket.
class LevelHistory {
 public:
  void advance(SliceNumber current);
  void add(const Record& record, SliceNumber number);
  void merge(const ConcurrencyLevels& levels, SliceNumber number);
  /// Both must have been advanced to the same slice.
  void merge(const LevelHistory& other);
  /// What was counted so far stays in the cumulative levels alone.
  void reset();

  /// `all` are the durations of the series over the same window.
  void add_to(ConcurrencyLevels& levels, const Sketch& all, Window window) const;
  void add_cumulative(ConcurrencyLevels& levels, const Sketch& all) const;
  std::size_t bytes() const;

 private:
  HistoryOf<Timing>& history_of(std::size_t level);
  template <class Add>
  void collect(ConcurrencyLevels& levels, const Sketch& all, Add add) const;

  SliceNumber current_ = 0;
  std::vector<std::unique_ptr<HistoryOf<Timing>>> levels_;  ///< by level; the first is null
};

}  // namespace weir::stats
