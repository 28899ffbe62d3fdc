#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <weir/base/clock.h>

namespace weir::http {

/// One metric of a Server-Timing field.
struct ServerTiming {
  std::string_view name;
  Nanos duration;
};

/// More metrics of one answer are not read.
inline constexpr std::size_t kMaxServerTimings = 32;

/// Appends the metrics of `value` (lines joined by `, `) that say how long they took; a name that comes again adds to
/// its first. Of a parameter that comes twice the first counts; `dur` is milliseconds and may stand in quotes. One that
/// is no number, negative or longer than a day says nothing.
/// Source: W3C Server Timing, sections 3 and 4.
void read_server_timing(std::string_view value, std::vector<ServerTiming>& timings);

}  // namespace weir::http
