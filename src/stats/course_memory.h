#pragma once

#include <map>

#include <weir/stats/packed_figures.h>

#include "history.h"

namespace weir::stats {

/// What closed slices of everything together came to, so that the next course need not add up a thousand series again.
/// Holds only what somebody has asked for, about 300 bytes a slice. A reset of anything makes it worthless: `clear`.
class CourseMemory {
 public:
  /// Null where it is not known.
  const PackedFigures* find(SliceNumber grain, SliceNumber number) const {
    const auto found = slices_.find({grain, number});
    return found == slices_.end() ? nullptr : &found->second;
  }
  void keep(SliceNumber grain, SliceNumber number, const Figures& figures) {
    slices_.try_emplace({grain, number}, figures.is_empty() ? PackedFigures() : PackedFigures(figures));
  }
  /// Forgets what no course reaches back to any more.
  void advance(SliceNumber current) {
    std::erase_if(slices_, [&](const auto& slice) {
      const auto& [grain, number] = slice.first;
      return number < current / grain - kLongest;
    });
  }
  void clear() { slices_.clear(); }

 private:
  static constexpr SliceNumber kLongest = 97;

  std::map<std::pair<SliceNumber, SliceNumber>, PackedFigures> slices_;  ///< by grain and number
};

}  // namespace weir::stats
