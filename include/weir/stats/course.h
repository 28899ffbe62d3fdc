#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/ids.h>
#include <weir/base/method.h>
#include <weir/stats/figures.h>
#include <weir/stats/window.h>

namespace weir::stats {

/// What Ledger::course is to look at.
struct CourseRequest {
  Window window = Window::all;
  /// The series to add up; empty: all of them.
  std::function<bool(RouteId, Method)> holds;
};

/// Counts and durations of a stretch of time. Phases and streams are left out.
struct Stretch {
  WallTime from;
  Nanos length{0};
  Figures figures;

  WallTime to() const { return from + std::chrono::duration_cast<WallTime::duration>(length); }
};

/// One slice of a course. The newest is still filling, and the oldest may have begun with the ledger or a reset.
struct CourseSlice {
  Stretch stretch;
  std::uint32_t highest_in_flight = 0;
};

/// How figures went over a window, slice by slice. Immutable once made; any thread may read it.
struct Course {
  Window window = Window::all;
  Moment as_of;
  WallTime since;                    ///< start or last reset of everything
  WallTime from;                     ///< where the first slice begins, or would
  Nanos step{0};                     ///< the length of a whole slice
  bool has_in_flight = false;        ///< it is kept for everything together alone
  std::vector<CourseSlice> slices;   ///< oldest first, without those in which nothing happened
  Stretch current;                   ///< the whole window
  /// The stretch of the same length before the window, as far as whole slices of it are still kept: its end is at most
  /// one such slice before the window's start. Nothing where weir was not there for all of it, and for `1d` and `all`.
  std::optional<Stretch> before;
};

}  // namespace weir::stats
