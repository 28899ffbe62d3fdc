#pragma once

#include <optional>
#include <vector>

#include <weir/stats/course.h>
#include <weir/stats/view.h>

#include "course_memory.h"
#include "history.h"
#include "peaks.h"

namespace weir::stats {

/// Puts a course together: give it every history that belongs to it, then `finish`.
class CourseBuilder {
 public:
  struct Setting {
    Moment start;         ///< where slice 0 begins
    Moment now;
    TimePoint since;      ///< start or last reset of everything
    SliceNumber current;  ///< the open slice at `now`, to which the histories are advanced
  };

  /// With a memory the course is one of everything, and it remembers what it adds up.
  CourseBuilder(Window window, const Setting& setting, CourseMemory* memory);

  void add(const History& history);
  /// Null: `highest_in_flight` is not known.
  Course finish(const Peaks* peaks);

 private:
  /// Consecutive slices of one length.
  struct Range {
    SliceNumber grain;  ///< 5 s slices in one of these
    SliceNumber first;
    std::vector<Figures> slices;
    std::vector<bool> is_remembered;

    SliceNumber end() const { return first + static_cast<SliceNumber>(slices.size()); }
  };

  Range make_range(SliceNumber grain, SliceNumber first, SliceNumber end) const;

  static SliceNumber grain_for(Window window, Nanos age);
  Range window_range(SliceNumber grain) const;
  /// What `Course::before` adds up.
  std::optional<Range> range_before() const;
  static void add_range(Range& range, const History& history);
  void remember(const Range& range) const;
  TimePoint begin_of(SliceNumber slice) const { return at_.start.clock + slice * kSlice; }
  /// The wall clock may have been set meanwhile: times are dated by what it says now.
  WallTime wall_at(TimePoint time) const;
  Stretch stretch(TimePoint from, TimePoint to) const;

  const Window window_;
  const Setting at_;
  CourseMemory* const memory_;
  Range range_;
  std::optional<Range> before_;
  Figures total_;
};

}  // namespace weir::stats
