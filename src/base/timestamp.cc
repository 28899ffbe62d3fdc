#include <weir/base/timestamp.h>

#include <charconv>
#include <cstdint>

#include <weir/base/bytes.h>

namespace weir {

namespace {

/// Takes a timestamp apart from left to right; after the first thing that does not fit nothing more does.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  /// Exactly `digits` of them.
  int number(std::size_t digits, int from, int to) {
    int value = 0;
    const char* const end = rest_.data() + std::min(digits, rest_.size());
    const auto [stop, error] = std::from_chars(rest_.data(), end, value);
    const bool fits = is_ok_ && rest_.size() >= digits && is_digit(rest_[0]) && stop == end && error == std::errc() &&
                      value >= from && value <= to;
    if (!fits) return fail();
    rest_.remove_prefix(digits);
    return value;
  }
  /// The one of `choices` that is next.
  char one_of(std::string_view choices) {
    if (!is_ok_ || rest_.empty() || choices.find(rest_[0]) == std::string_view::npos) return static_cast<char>(fail());
    const char taken = rest_[0];
    rest_.remove_prefix(1);
    return taken;
  }
  /// `.5`, `.123456789`, or nothing.
  Nanos fraction() {
    if (!is_ok_ || !rest_.starts_with('.')) return Nanos(0);
    rest_.remove_prefix(1);
    std::int64_t unit = 1'000'000'000;
    std::int64_t value = 0;
    if (rest_.empty() || !is_digit(rest_[0])) fail();
    while (!rest_.empty() && is_digit(rest_[0])) {
      unit /= 10;
      value += unit * (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return Nanos(value);
  }
  bool is_done() const { return is_ok_ && rest_.empty(); }

 private:
  int fail() {
    is_ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool is_ok_ = true;
};

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  Reader in(text);
  const int year = in.number(4, 0, 9999);
  in.one_of("-");
  const int month = in.number(2, 1, 12);
  in.one_of("-");
  const int day = in.number(2, 1, 31);
  in.one_of("Tt ");
  Nanos of_day = std::chrono::hours(in.number(2, 0, 23));
  in.one_of(":");
  of_day += std::chrono::minutes(in.number(2, 0, 59));
  in.one_of(":");
  of_day += std::chrono::seconds(in.number(2, 0, 60));  // 60: a leap second, which is the next one here
  of_day += in.fraction();
  const char zone = in.one_of("Zz+-");
  if (zone == '+' || zone == '-') {
    Nanos ahead = std::chrono::hours(in.number(2, 0, 23));
    in.one_of(":");
    ahead += std::chrono::minutes(in.number(2, 0, 59));
    of_day -= zone == '+' ? ahead : -ahead;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // The clock itself ends in 2262.
  if (!in.is_done() || !date.ok() || year < 1678 || year > 2261) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::duration_cast<WallTime::duration>(of_day);
}

}  // namespace weir
