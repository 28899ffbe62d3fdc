#include <weir/proto/statsd/line.h>

#include <charconv>
#include <cmath>
#include <optional>

#include <weir/base/bytes.h>
#include <weir/base/printable.h>

namespace weir::proto::statsd {

namespace {

using stats::Event;
using stats::EventKind;

/// Cuts off and returns what comes before the next `separator`, which goes too; all that is left where there is none.
std::string_view next_part(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

/// A decimal number, with or without a sign and an exponent.
std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<EventKind> kind_of(std::string_view type) {
  if (type == "c") return EventKind::counter;
  if (type == "g") return EventKind::gauge;
  if (type == "ms") return EventKind::timing;
  if (type == "h" || type == "d") return EventKind::distribution;
  if (type == "s") return EventKind::set;
  return std::nullopt;
}

std::optional<Line::Amount> amount_of(std::string_view text, EventKind kind) {
  auto value = number_of(text);
  if (!value) return std::nullopt;
  switch (kind) {
    case EventKind::timing:
      if (*value < 0 || *value / 1000 > Event::kLargestValue) return std::nullopt;
      return Line::Amount{*value / 1000, false};
    case EventKind::distribution:
      if (std::abs(*value) > Event::kLargestValue) return std::nullopt;
      return Line::Amount{*value, false};
    default:
      if (std::abs(*value) > Event::kLargest) return std::nullopt;
      return Line::Amount{*value, kind == EventKind::gauge && (text.front() == '+' || text.front() == '-')};
  }
}

bool read_values(std::string_view values, Line& line) {
  line.amounts.clear();
  if (line.event.kind == EventKind::set) {
    line.event.member = values;
    line.amounts.push_back({});
    return !values.empty() && values.size() <= Event::kLongestMember && is_printable(values);
  }
  bool has_more = true;
  while (has_more) {
    has_more = values.find(':') != std::string_view::npos;
    const auto amount = amount_of(next_part(values, ':'), line.event.kind);
    if (!amount) return false;
    line.amounts.push_back(*amount);
  }
  return true;
}

bool read_sample_rate(std::string_view text, Line& line) {
  const auto rate = number_of(text);
  if (!rate || *rate < Event::kLowestRate || *rate > 1) return false;
  line.event.sample_rate = *rate;
  return true;
}

bool can_be_kept(std::string_view name, std::string_view value) {
  return !name.empty() && name.size() <= stats::kLongestTagName && value.size() <= stats::kLongestTagValue &&
         is_printable(name) && is_printable(value);
}

/// False where some tags cannot be kept: the rest is.
bool read_tags(std::string_view text, stats::Tags& tags) {
  bool keeps_all = true;
  while (!text.empty()) {
    std::string_view value = next_part(text, ',');
    if (value.empty()) continue;
    const bool has_value = value.find(':') != std::string_view::npos;
    const std::string_view name = next_part(value, ':');
    if (!has_value) value = "true";
    // To Prometheus an empty label is none.
    const bool is_none = value.empty() && !name.empty();
    const bool is_kept = !is_none && can_be_kept(name, value) && tags.size() < stats::kMostTags;
    if (is_kept) tags.push_back({std::string(name), std::string(value)});
    keeps_all = keeps_all && (is_kept || is_none);
  }
  stats::make_labels(tags);
  return keeps_all;
}

bool is_known_and_unused(std::string_view section) {
  return section.starts_with("c:") || section.starts_with("e:") || section.starts_with("card:") ||
         (section.size() > 1 && section.front() == 'T' && parse_decimal(section.substr(1)));
}

Outcome read_section(std::string_view section, Line& line) {
  if (section.starts_with('@')) {
    return read_sample_rate(section.substr(1), line) ? Outcome::taken : Outcome::bad_sample_rate;
  }
  if (section.starts_with('#')) {
    return read_tags(section.substr(1), line.event.tags) ? Outcome::taken : Outcome::tags_dropped;
  }
  return is_known_and_unused(section) ? Outcome::taken : Outcome::section_dropped;
}

}  // namespace

Outcome parse_line(std::string_view text, Line& line) {
  if (text.starts_with("_e{")) return Outcome::event;
  if (text.starts_with("_sc|")) return Outcome::service_check;
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  if (name.empty() || name.size() > Event::kLongestName || !is_printable(name)) return Outcome::bad_name;
  if (colon == std::string_view::npos) return Outcome::bad_value;
  text.remove_prefix(colon + 1);
  const std::string_view values = next_part(text, '|');
  const auto kind = kind_of(next_part(text, '|'));
  if (!kind) return Outcome::bad_type;

  line.event.name = name;
  line.event.kind = *kind;
  line.event.sample_rate = 1;
  line.event.tags.clear();
  if (!read_values(values, line)) return Outcome::bad_value;
  Outcome first_dropped = Outcome::taken;
  while (!text.empty()) {
    const Outcome outcome = read_section(next_part(text, '|'), line);
    if (!is_taken(outcome)) return outcome;
    if (first_dropped == Outcome::taken) first_dropped = outcome;
  }
  return first_dropped;
}

}  // namespace weir::proto::statsd
