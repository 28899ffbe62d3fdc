#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <weir/stats/view.h>

namespace weir::stats {

/// Requests a minute over the last day, by the end of each. They are minutes of the monotonic clock, laid so that they
/// are those of the wall clock at the start; what they are called is read off the wall clock when somebody asks, since
/// that may be set meanwhile. 23 KB.
class DayMinutes {
 public:
  explicit DayMinutes(Moment start)
      : origin_(
            start.clock -
            (start.wall.time_since_epoch() - std::chrono::floor<std::chrono::minutes>(start.wall.time_since_epoch())) -
            kDay) {}

  void add(TimePoint at, std::uint64_t requests) {
    // Nearly always the same minute as before.
    if (at < newest_begin_ || at >= newest_begin_ + std::chrono::minutes(1)) turn_to(minute_of(at));
    cells_[newest_].requests += requests;
  }

  /// As of `now`: the minute under way and the 1,439 before it; by hour, the hour under way and the 23 before it, so that
  /// none mixes today with yesterday.
  BusyTimes busy(Moment now) const {
    const std::int64_t current = minute_of(now.clock);
    const std::int64_t current_hour = wall_hour(wall_minute(current, now));
    BusyTimes busy;
    for (std::int64_t minute = std::max<std::int64_t>(0, current - kMinutes + 1); minute <= current; ++minute) {
      const Cell& cell = cells_[place_of(minute)];
      if (cell.minute != minute || cell.requests == 0) continue;
      const WallTime begin = wall_minute(minute, now);
      const std::int64_t hour = wall_hour(begin);
      if (hour > current_hour - 24) busy.by_hour[static_cast<std::size_t>((hour % 24 + 24) % 24)] += cell.requests;
      if (cell.requests <= busy.peak_requests) continue;
      busy.peak_requests = cell.requests;
      busy.peak_minute = begin;
    }
    return busy;
  }

 private:
  static constexpr std::int64_t kMinutes = 24 * 60;
  static constexpr Nanos kDay = 24h;

  std::int64_t minute_of(TimePoint at) const {
    return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::minutes>(at - origin_).count());
  }
  static std::int64_t wall_hour(WallTime at) {
    return std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count();
  }
  /// The wall clock's minute that most of it lies in.
  WallTime wall_minute(std::int64_t minute, Moment now) const {
    const Nanos age = now.clock - (origin_ + std::chrono::minutes(minute));
    const WallTime begin = now.wall - std::chrono::duration_cast<WallTime::duration>(age);
    return std::chrono::floor<std::chrono::minutes>(begin + std::chrono::seconds(30));
  }
  static std::size_t place_of(std::int64_t minute) { return static_cast<std::size_t>(minute % kMinutes); }

  void turn_to(std::int64_t minute) {
    newest_ = place_of(minute);
    newest_begin_ = origin_ + std::chrono::minutes(minute);
    if (cells_[newest_].minute != minute) cells_[newest_] = {minute, 0};
  }

  struct Cell {
    std::int64_t minute = -1;
    std::uint64_t requests = 0;
  };
  std::array<Cell, kMinutes> cells_{};
  std::size_t newest_ = 0;  ///< where the last one was added
  TimePoint origin_;        ///< a day before the start, so that what comes late has a minute too
  TimePoint newest_begin_ = TimePoint::max() - std::chrono::minutes(1);
};

}  // namespace weir::stats
