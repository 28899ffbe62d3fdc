#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::verbs {

// Numbers as people read them: three digits that say something, and a unit. What is not known is `-`.

/// Of seconds: `850 us`, `12.3 ms`, `1.21 s`, `2m 5s`, `3d 4h`; `0 s`.
std::string duration_text(std::optional<double> seconds);
/// `1,234`; from ten million on `12.3M`, `4.56G`.
std::string count_text(std::optional<double> count);
/// `0.25`, `45.2`, `1,234`
std::string rate_text(std::optional<double> rate);
/// `0%`, `0.97%`, `100%`; `<0.01%` for what is next to nothing and yet something, `>99.99%` for what is nearly all.
std::string percent_text(std::optional<double> percent);
/// `512 B`, `8.9 KiB`, `1.2 GiB`
std::string size_text(std::optional<double> bytes);

/// An RFC 3339 time in the time zone of whoever reads it: `2026-01-31 10:30:00`. What is none comes back as it is.
std::string local_time_text(std::string_view rfc3339);
/// The same without the year where a terminal of `width` columns is a narrow one; 0: as wide as it gets.
std::string local_time_text(std::string_view rfc3339, std::size_t width);
/// Without the day: `10:30:00`.
std::string local_clock_text(std::string_view rfc3339);
/// What that zone is called, `UTC` or `CET`, for the title of a column.
std::string time_zone();

}  // namespace weir::verbs
