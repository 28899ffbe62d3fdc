#pragma once

#include <cstddef>
#include <string_view>
#include <variant>
#include <vector>

#include <weir/stats/events.h>

#include "message.h"

namespace weir::admin {

/// Events that one call may bring.
inline constexpr std::size_t kMostEvents = 1000;
/// What one of them may count, and the seconds that one may have taken.
inline constexpr std::uint64_t kLargestCount = 1'000'000'000;
inline constexpr double kLongestTiming = 1e6;

/// Reads the body of `POST /admin/performance/events`: one object, or an array of them. All of them or none; else the
/// answer that names the first mistake, by the event's place and the member.
///
///     {"name": "download"}                              counts one
///     {"name": "download", "count": 3, "tags": {"plan": "pro"}}
///     {"name": "render", "duration": 0.25}              took seconds
///     {"name": "queue_depth", "value": 17}              stands at
///     {"name": "visitors", "member": "ada"}             one of so many different ones
std::variant<std::vector<stats::Event>, Answer> read_events(std::string_view body);

}  // namespace weir::admin
