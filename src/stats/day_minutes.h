#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <weir/stats/view.h>

namespace weir::stats {

/// Requests a minute of the wall clock over the last day, by the end of each. 23 KB.
class DayMinutes {
 public:
  void add(WallTime at, std::uint64_t requests) {
    // Nearly always the same minute as before.
    if (at < newest_begin_ || at >= newest_begin_ + std::chrono::minutes(1)) turn_to(minute_of(at));
    cells_[newest_].requests += requests;
  }

  /// As of `now`: the minute under way and the 1,439 before it; by hour, the hour under way and the 23 before it, so that
  /// none mixes today with yesterday.
  BusyTimes busy(WallTime now) const {
    const std::int64_t current = minute_of(now);
    BusyTimes busy;
    for (std::int64_t minute = std::max<std::int64_t>(0, current - kMinutes + 1); minute <= current; ++minute) {
      const Cell& cell = cells_[place_of(minute)];
      if (cell.minute != minute || cell.requests == 0) continue;
      if (minute / 60 > current / 60 - 24) busy.by_hour[static_cast<std::size_t>(minute / 60 % 24)] += cell.requests;
      if (cell.requests <= busy.peak_requests) continue;
      busy.peak_requests = cell.requests;
      busy.peak_minute = WallTime(std::chrono::minutes(minute));
    }
    return busy;
  }

 private:
  static constexpr std::int64_t kMinutes = 24 * 60;

  static std::int64_t minute_of(WallTime at) {
    return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::minutes>(at.time_since_epoch()).count());
  }
  static std::size_t place_of(std::int64_t minute) { return static_cast<std::size_t>(minute % kMinutes); }

  void turn_to(std::int64_t minute) {
    newest_ = place_of(minute);
    newest_begin_ = WallTime(std::chrono::minutes(minute));
    if (cells_[newest_].minute != minute) cells_[newest_] = {minute, 0};
  }

  struct Cell {
    std::int64_t minute = -1;
    std::uint64_t requests = 0;
  };
  std::array<Cell, kMinutes> cells_{};
  std::size_t newest_ = 0;  ///< where the last one was added
  WallTime newest_begin_ = WallTime::max() - std::chrono::minutes(1);
};

}  // namespace weir::stats
