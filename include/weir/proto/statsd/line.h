#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <weir/base/names.h>
#include <weir/stats/events.h>

namespace weir::proto::statsd {

/// What becomes of one line.
enum class Outcome : std::uint8_t {
  taken,
  tags_dropped,     ///< taken without tags that cannot be kept: too many, too long, without a name, unprintable
  section_dropped,  ///< taken without something after a `|` that nobody knows
  event,            ///< a DogStatsD event (`_e{`): skipped
  service_check,    ///< likewise (`_sc|`)
  bad_name,
  bad_value,
  bad_type,
  bad_sample_rate,
};

/// All of its samples count, though not all that it said of them.
constexpr bool is_simplified(Outcome outcome) {
  return outcome == Outcome::tags_dropped || outcome == Outcome::section_dropped;
}
constexpr bool is_taken(Outcome outcome) { return outcome == Outcome::taken || is_simplified(outcome); }
constexpr bool is_malformed(Outcome outcome) { return outcome >= Outcome::bad_name; }

/// A line as events: one for each of its amounts, which else are alike.
struct Line {
  struct Amount {
    double value = 0;
    bool is_delta = false;
  };

  stats::Event event;
  std::vector<Amount> amounts;  ///< of a set one, without a meaning
};

/// Reads one line, without its line feed:
///
///     NAME:VALUE[:VALUE...]|TYPE[|@RATE][|#TAG[:VALUE],...]
///
/// Types: `c` counter, `g` gauge (`+` or `-` before a value changes it by so much), `ms` timing in milliseconds, `h` and
/// `d` distributions, `s` set, whose value is the member. A tag without a value has the value `true`. A container
/// (`c:`), a timestamp (`T`) and external data (`e:`, `card:`) may be there and mean nothing here. Only name, value, type
/// and rate can refuse a line: what else cannot be kept is left out of it. A distribution may be negative, a timing not.
/// `line` is whole if it is taken, and anything otherwise.
/// Source: the StatsD export format, and the DogStatsD datagram format up to version 1.3.
Outcome parse_line(std::string_view text, Line& line);

}  // namespace weir::proto::statsd

template <>
struct weir::Names<weir::proto::statsd::Outcome> {
  static constexpr std::array<std::string_view, 9> labels = {"taken",     "tags_dropped",  "section_dropped",
                                                             "event",     "service_check", "bad_name",
                                                             "bad_value", "bad_type",      "bad_sample_rate"};
};
