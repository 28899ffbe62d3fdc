#pragma once

#include <chrono>
#include <string>

namespace weir {

using namespace std::chrono_literals;

/// Durations are measured on this clock alone: it neither jumps nor runs backwards. CLOCK_MONOTONIC, about 20 ns a read.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Nanos = std::chrono::nanoseconds;
/// What people read. Never used for a difference.
using WallClock = std::chrono::system_clock;
using WallTime = WallClock::time_point;

/// RFC 3339, UTC, milliseconds: `2026-01-31T09:30:00.123Z`.
std::string rfc3339(WallTime at);

inline double seconds(Nanos duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace weir
