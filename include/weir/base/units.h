#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <weir/base/clock.h>
#include <weir/base/result.h>

namespace weir {

/// How people write durations, sizes and percentages, on the command line and in the configuration file.
/// An error says what is wrong with the text; the `k…Forms` below say what would be right.

/// One decimal number with one unit, `250us 200ms 1.5s 5m 1h 30d` (also `ns`). Exact; nothing negative, nothing finer
/// than a nanosecond, at most 106751d, which is what 64 bits hold.
Result<Nanos> parse_duration(std::string_view text);
inline constexpr std::string_view kDurationForms = "250us, 200ms, 1.5s, 5m, 1h or 30d";

/// Whole bytes, `4096`, or a number with a binary unit: `16KiB 10MiB 1.5GiB 1TiB`.
Result<std::uint64_t> parse_size(std::string_view text);
inline constexpr std::string_view kSizeForms = "4096, 16KiB, 10MiB or 1GiB";

/// `1%`, `0.5%`: 0 to 100.
Result<double> parse_percent(std::string_view text);
inline constexpr std::string_view kPercentForms = "1% or 0.5%";

/// In the largest unit that leaves a whole number, so that it reads back to the same: `90s`, `1500ms`, `30d`.
std::string format_duration(Nanos duration);
/// In the largest unit that leaves a whole number: `16KiB`, `1000`.
std::string format_size(std::uint64_t bytes);
/// The shortest decimal that reads back to the same: `0.5%`.
std::string format_percent(double percent);

}  // namespace weir
