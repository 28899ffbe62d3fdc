#include "quantities.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>

#include <fmt/format.h>

namespace weir::verbs {

namespace {

constexpr std::string_view kUnknown = "-";

/// Three digits that count: `1.21`, `12.3`, `123`; a whole number as one.
std::string three_digits(double value) {
  if (value == std::round(value)) return fmt::format("{:.0f}", value);
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

std::string with_thousands(double value) {
  const std::string digits = fmt::format("{:.0f}", value);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

/// From a minute on: the two largest units.
std::string long_duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::floor(seconds));
  const std::int64_t minutes = whole / 60;
  const std::int64_t hours = minutes / 60;
  if (hours >= 24) return fmt::format("{}d {}h", hours / 24, hours % 24);
  if (hours > 0) return fmt::format("{}h {}m", hours, minutes % 60);
  return fmt::format("{}m {}s", minutes, whole % 60);
}

bool is_drawable(const std::optional<double>& value) { return value && std::isfinite(*value) && *value >= 0; }

struct Unit {
  double size;
  std::string_view name;
};

std::optional<std::tm> local_time(std::string_view rfc3339) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const std::string text(rfc3339.substr(0, 19));
  if (!rfc3339.ends_with('Z') ||
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second) != 6) {
    return std::nullopt;
  }
  std::tm utc{};
  utc.tm_year = year - 1900;
  utc.tm_mon = month - 1;
  utc.tm_mday = day;
  utc.tm_hour = hour;
  utc.tm_min = minute;
  utc.tm_sec = second;
  const std::time_t at = ::timegm(&utc);
  std::tm local{};
  if (::localtime_r(&at, &local) == nullptr) return std::nullopt;
  return local;
}

}  // namespace

std::string duration_text(std::optional<double> seconds) {
  if (!is_drawable(seconds)) return std::string(kUnknown);
  const double value = *seconds;
  if (value == 0) return "0 s";
  if (value < 999.5e-9) return fmt::format("{:.0f} ns", value * 1e9);
  if (value < 999.5e-6) return three_digits(value * 1e6) + " us";
  if (value < 999.5e-3) return three_digits(value * 1e3) + " ms";
  if (value < 59.95) return three_digits(value) + " s";
  return long_duration(std::round(value));
}

std::string count_text(std::optional<double> count) {
  if (!is_drawable(count)) return std::string(kUnknown);
  if (*count < 1e7) return with_thousands(*count);
  constexpr std::array<Unit, 3> kUnits = {{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}}};
  for (const Unit& unit : kUnits) {
    if (*count >= unit.size) return three_digits(*count / unit.size).append(unit.name);
  }
  return with_thousands(*count);
}

std::string rate_text(std::optional<double> rate) {
  if (!is_drawable(rate)) return std::string(kUnknown);
  if (*rate == 0) return "0";
  return *rate < 999.5 ? three_digits(*rate) : count_text(rate);
}

std::string percent_text(std::optional<double> percent) {
  if (!is_drawable(percent)) return std::string(kUnknown);
  if (*percent == 0) return "0%";
  if (*percent < 0.01) return "<0.01%";
  // What is not all is not written as all.
  if (*percent > 99.99 && *percent < 100) return ">99.99%";
  if (*percent >= 99.945 && *percent < 100) return fmt::format("{:.2f}%", std::floor(*percent * 100) / 100);
  return three_digits(*percent) + "%";
}

std::string size_text(std::optional<double> bytes) {
  if (!is_drawable(bytes)) return std::string(kUnknown);
  constexpr double kKibi = 1024;
  if (*bytes < kKibi) return fmt::format("{:.0f} B", *bytes);
  constexpr std::array<std::string_view, 5> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = *bytes / kKibi;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= kKibi;
    ++unit;
  }
  return fmt::format("{} {}", three_digits(value), kUnits[unit]);
}

std::string local_time_text(std::string_view rfc3339) {
  const auto time = local_time(rfc3339);
  if (!time) return rfc3339.empty() ? std::string(kUnknown) : std::string(rfc3339);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", time->tm_year + 1900, time->tm_mon + 1, time->tm_mday,
                     time->tm_hour, time->tm_min, time->tm_sec);
}

std::string local_time_text(std::string_view rfc3339, std::size_t width) {
  std::string text = local_time_text(rfc3339);
  constexpr std::size_t kNarrow = 80;
  constexpr std::size_t kYear = 5;
  const bool has_year = text.size() == 19 && text[4] == '-';
  return width != 0 && width < kNarrow && has_year ? text.substr(kYear) : text;
}

std::string local_clock_text(std::string_view rfc3339) {
  const auto time = local_time(rfc3339);
  if (!time) return rfc3339.empty() ? std::string(kUnknown) : std::string(rfc3339);
  return fmt::format("{:02}:{:02}:{:02}", time->tm_hour, time->tm_min, time->tm_sec);
}

std::string time_zone() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  if (::localtime_r(&now, &local) == nullptr || local.tm_zone == nullptr) return "UTC";
  return local.tm_zone;
}

}  // namespace weir::verbs
