#include <weir/base/settings.h>

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include <weir/base/units.h>

namespace weir {
namespace {

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

/// The end of a mend that allows a word as well: `, or auto`.
std::string or_word(Word word) { return word.text.empty() ? std::string() : fmt::format(", or {}", word.text); }

}  // namespace

std::string Settings::text(std::string_view key, const std::string& current) {
  return scalar(key, current, Style::text).value_or(current);
}

std::string Settings::file(std::string_view key, const std::string& current) {
  const std::optional<std::string> found = scalar(key, current, Style::text);
  return found ? located(*found) : current;
}

std::string Settings::secret(std::string_view key, const std::string& current, std::string& shown) {
  const bool stands_in = !is_reading() && !shown.empty() && masks_secrets();
  const std::optional<std::string> found =
      stands_in ? scalar(key, shown, Style::stand_in) : scalar(key, current, Style::secret);
  if (!found) return current;
  shown = variable(key);
  return *found;
}

std::vector<NamedSecret> Settings::secrets(std::string_view key, std::vector<NamedSecret> current) {
  std::vector<std::string> names;
  for (const NamedSecret& one : current) names.push_back(one.name);
  const std::optional<std::vector<std::string>> found = open_entries(key, names);
  if (!found) return current;
  if (is_reading()) {
    current.assign(found->size(), {});
    for (std::size_t i = 0; i < current.size(); ++i) current[i].name = (*found)[i];
  }
  for (NamedSecret& one : current) one.value = secret(one.name, one.value, one.shown);
  close();
  return current;
}

std::vector<std::string> Settings::texts(std::string_view key, const std::vector<std::string>& current) {
  return scalars(key, current, Style::text).value_or(current);
}

bool Settings::boolean(std::string_view key, bool current) {
  const std::optional<std::string> found = scalar(key, current ? "true" : "false", Style::plain);
  if (!found) return current;
  if (*found == "true") return true;
  if (*found == "false") return false;
  problem(key, fmt::format("\"{}\" is neither true nor false", *found), "write true or false");
  return current;
}

double Settings::number(std::string_view key, double current, Range<double> range) {
  const std::optional<std::string> found = scalar(key, fmt::format("{}", current), Style::plain);
  if (!found) return current;
  double value = 0;
  const auto [end, error] = std::from_chars(found->data(), found->data() + found->size(), value);
  const std::string mend = fmt::format("write a number from {} to {}", range.from, range.to);
  if (error != std::errc() || end != found->data() + found->size() || !std::isfinite(value)) {
    problem(key, fmt::format("\"{}\" is no number", *found), mend);
    return current;
  }
  if (value < range.from || value > range.to) {
    problem(key, fmt::format("{} is out of range", *found), mend);
    return current;
  }
  return value;
}

Nanos Settings::duration(std::string_view key, Nanos current, Range<Nanos> range) {
  const std::optional<std::string> found = scalar(key, format_duration(current), Style::plain);
  if (!found) return current;
  const Result<Nanos> value = parse_duration(*found);
  if (!value) {
    problem(key, value.error().message, fmt::format("write a number with its unit, such as {}", kDurationForms));
    return current;
  }
  if (value.value() < range.from || value.value() > range.to) {
    problem(key, fmt::format("{} is out of range", *found),
            fmt::format("write {} to {}", format_duration(range.from), format_duration(range.to)));
    return current;
  }
  return value.value();
}

std::uint64_t Settings::size(std::string_view key, std::uint64_t current, Range<std::uint64_t> range, Word word) {
  const bool is_word = !word.text.empty() && current == word.value;
  const std::optional<std::string> found =
      scalar(key, is_word ? std::string(word.text) : format_size(current), Style::plain);
  if (!found) return current;
  if (!word.text.empty() && *found == word.text) return word.value;
  const Result<std::uint64_t> value = parse_size(*found);
  if (!value) {
    problem(key, value.error().message,
            fmt::format("write bytes or a number with its unit, such as {}{}", kSizeForms, or_word(word)));
    return current;
  }
  if (value.value() < range.from || value.value() > range.to) {
    problem(key, fmt::format("{} is out of range", *found),
            fmt::format("write {} to {}{}", format_size(range.from), format_size(range.to), or_word(word)));
    return current;
  }
  return value.value();
}

double Settings::percent(std::string_view key, double current, Range<double> range) {
  const std::optional<std::string> found = scalar(key, format_percent(current), Style::plain);
  if (!found) return current;
  const Result<double> value = parse_percent(*found);
  if (!value) {
    problem(key, value.error().message, fmt::format("write a percentage, such as {}", kPercentForms));
    return current;
  }
  if (value.value() < range.from || value.value() > range.to) {
    problem(key, fmt::format("{} is out of range", *found),
            fmt::format("write {} to {}", format_percent(range.from), format_percent(range.to)));
    return current;
  }
  return value.value();
}

std::int64_t Settings::whole_number(std::string_view key, std::int64_t current, Range<std::int64_t> range, Word word) {
  const bool is_word = !word.text.empty() && current == static_cast<std::int64_t>(word.value);
  const std::optional<std::string> found =
      scalar(key, is_word ? std::string(word.text) : fmt::format("{}", current), Style::plain);
  if (!found) return current;
  if (!word.text.empty() && *found == word.text) return static_cast<std::int64_t>(word.value);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(found->data(), found->data() + found->size(), value);
  const bool is_number = end == found->data() + found->size() && !found->empty();
  const std::string mend = fmt::format("write {} to {}{}", range.from, range.to, or_word(word));
  if (!is_number || error == std::errc::invalid_argument) {
    problem(key, fmt::format("\"{}\" is no whole number", *found), mend);
    return current;
  }
  if (error != std::errc() || value < range.from || value > range.to) {
    problem(key, fmt::format("{} is out of range", *found), mend);
    return current;
  }
  return value;
}

std::size_t Settings::one_of(std::string_view key, std::size_t current, const std::vector<std::string_view>& labels) {
  const std::optional<std::string> found = scalar(key, std::string(labels[current]), Style::plain);
  if (!found) return current;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == *found) return i;
  }
  problem(key, fmt::format("\"{}\" is not among the choices", *found), fmt::format("write {}", joined(labels)));
  return current;
}

}  // namespace weir
