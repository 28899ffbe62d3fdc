#pragma once

#include <optional>
#include <vector>

#include <weir/stats/course.h>
#include <weir/stats/view.h>

#include "history.h"
#include "peaks.h"

namespace weir::stats {

/// Puts a course together: give it every history that belongs to it, then `finish`.
class CourseBuilder {
 public:
  /// `start` is where slice 0 begins; `current` is the open slice at `now`, to which the histories are advanced.
  CourseBuilder(Window window, Moment start, Moment now, WallTime since, SliceNumber current);

  void add(const History& history);
  /// Null: the course is of a part, and `highest_in_flight` is not known.
  Course finish(const Peaks* peaks);

 private:
  /// Consecutive slices of one length.
  struct Range {
    SliceNumber grain;  ///< 5 s slices in one of these
    SliceNumber first;
    std::vector<Figures> slices;

    SliceNumber end() const { return first + static_cast<SliceNumber>(slices.size()); }
  };

  static SliceNumber grain_for(Window window, Nanos age);
  Range window_range(SliceNumber grain) const;
  /// What `Course::before` adds up.
  std::optional<Range> range_before() const;
  void add_range(Range& range, const History& history) const;
  WallTime wall_at(SliceNumber slice) const;
  Stretch stretch(WallTime from, WallTime to) const;

  const Window window_;
  const Moment start_;
  const Moment now_;
  const WallTime since_;
  const SliceNumber current_;
  Range range_;
  std::optional<Range> before_;
  Figures total_;
};

}  // namespace weir::stats
