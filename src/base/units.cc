#include <weir/base/units.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <span>

#include <fmt/format.h>

#include <weir/base/bytes.h>

namespace weir {
namespace {

__extension__ typedef unsigned __int128 Wide;

struct Unit {
  std::string_view name;
  std::uint64_t scale;
};

// Largest first: the first that divides a value is the one it is printed in.
constexpr std::array<Unit, 7> kDurationUnits = {{{"d", 86'400'000'000'000},
                                                 {"h", 3'600'000'000'000},
                                                 {"m", 60'000'000'000},
                                                 {"s", 1'000'000'000},
                                                 {"ms", 1'000'000},
                                                 {"us", 1'000},
                                                 {"ns", 1}}};
constexpr std::array<Unit, 4> kSizeUnits = {
    {{"TiB", 1ULL << 40}, {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}}};

constexpr std::size_t kMostDigits = 18;  // what always fits 63 bits

const Unit* find_unit(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", text); }

struct Decimal {
  std::string_view whole;
  std::string_view fraction;
  std::string_view rest;  ///< what follows: the unit
};

/// `1.5s` into `1`, `5`, `s`. False where it does not begin with a number of that shape.
bool split_decimal(std::string_view text, Decimal& out) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  out.whole = text.substr(0, end);
  if (end < text.size() && text[end] == '.') {
    const std::size_t start = ++end;
    while (end < text.size() && is_digit(text[end])) ++end;
    out.fraction = text.substr(start, end - start);
    if (out.fraction.empty()) return false;
  }
  out.rest = text.substr(end);
  return !out.whole.empty();
}

/// The exact product of a decimal and a scale; nothing where it is no whole number, or above `most`.
Result<std::uint64_t> scaled(std::string_view text, Decimal number, std::uint64_t scale, std::uint64_t most) {
  while (number.fraction.ends_with('0')) number.fraction.remove_suffix(1);
  if (number.fraction.size() > kMostDigits) return Error{quoted(text) + " has too many decimals"};
  // Leading zeros carry no value; without them the length tells what fits.
  while (number.whole.size() > 1 && number.whole.front() == '0') number.whole.remove_prefix(1);
  const std::optional<std::uint64_t> whole = parse_decimal(number.whole);
  Wide value = whole ? static_cast<Wide>(*whole) * scale : 0;
  if (!whole || value > most) return Error{quoted(text) + " is too large"};
  if (!number.fraction.empty()) {
    Wide power = 1;
    for (std::size_t i = 0; i < number.fraction.size(); ++i) power *= 10;
    const Wide parts = static_cast<Wide>(*parse_decimal(number.fraction)) * scale;
    if (parts % power != 0) return Error{quoted(text) + " has too many decimals"};
    value += parts / power;
    if (value > most) return Error{quoted(text) + " is too large"};
  }
  return static_cast<std::uint64_t>(value);
}

}  // namespace

Result<Nanos> parse_duration(std::string_view text) {
  Decimal number;
  if (!split_decimal(text, number)) return Error{quoted(text) + " is no duration"};
  if (number.rest.empty()) return Error{quoted(text) + " has no unit"};
  const Unit* unit = find_unit(kDurationUnits, number.rest);
  if (unit == nullptr) return Error{quoted(text) + " is no duration"};
  const Result<std::uint64_t> nanos = scaled(text, number, unit->scale, INT64_MAX);
  if (!nanos) return nanos.error();
  return Nanos(static_cast<std::int64_t>(nanos.value()));
}

Result<std::uint64_t> parse_size(std::string_view text) {
  Decimal number;
  if (!split_decimal(text, number)) return Error{quoted(text) + " is no size"};
  static constexpr Unit kBytes = {"", 1};
  const Unit* unit = number.rest.empty() ? &kBytes : find_unit(kSizeUnits, number.rest);
  if (unit == nullptr) return Error{quoted(text) + " is no size"};
  return scaled(text, number, unit->scale, INT64_MAX);
}

Result<double> parse_percent(std::string_view text) {
  Decimal number;
  if (!split_decimal(text, number)) return Error{quoted(text) + " is no percentage"};
  if (number.rest.empty()) return Error{quoted(text) + " has no % sign"};
  if (number.rest != "%") return Error{quoted(text) + " is no percentage"};
  const std::string digits(text.substr(0, text.size() - 1));
  if (digits.size() > kMostDigits) return Error{quoted(text) + " has too many digits"};
  // strtod would read the locale's decimal sign; weir sets no locale, so that it is a point.
  const double value = std::strtod(digits.c_str(), nullptr);
  if (value > 100) return Error{quoted(text) + " is more than 100%"};
  return value;
}

std::string format_duration(Nanos duration) {
  const auto nanos = static_cast<std::uint64_t>(duration.count());
  if (nanos == 0) return "0s";
  for (const Unit& unit : kDurationUnits) {
    if (nanos % unit.scale == 0) return fmt::format("{}{}", nanos / unit.scale, unit.name);
  }
  return fmt::format("{}ns", nanos);
}

std::string format_size(std::uint64_t bytes) {
  for (const Unit& unit : kSizeUnits) {
    if (bytes != 0 && bytes % unit.scale == 0) return fmt::format("{}{}", bytes / unit.scale, unit.name);
  }
  return fmt::format("{}", bytes);
}

std::string format_percent(double percent) { return fmt::format("{}%", percent); }

}  // namespace weir
