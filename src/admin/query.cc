#include "query.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/base/closest.h>
#include <weir/base/units.h>

namespace weir::admin {

namespace {

std::optional<char> hex_byte(std::string_view digits) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return static_cast<char>(value);
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      if (const auto byte = hex_byte(text.substr(i + 1, 2))) {
        out += *byte;
        i += 2;
        continue;
      }
    }
    out += text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

/// What a mistake is quoted by: no more than makes it found.
std::string_view beginning(std::string_view text) { return text.substr(0, 80); }

/// What to write where a call does not take the parameter `name`.
std::string advice_on(std::string_view name, std::span<const std::string_view> known) {
  const bool is_subject = name == "route" || name == "method" || name == "group";
  if (is_subject && std::ranges::find(known, "window") != known.end()) {
    return "leave it out: this answer is for all routes";
  }
  if (known.empty()) return "this call takes no parameters";
  const std::string all = fmt::format("this call takes {}", fmt::join(known, ", "));
  const std::string_view meant = closest(name, known);
  return meant.empty() ? all : fmt::format("did you mean {}? {}", meant, all);
}

}  // namespace

Query::Query(std::string_view text) {
  if (text.starts_with('?')) text.remove_prefix(1);
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.empty()) continue;  // `?`, `&&`, or an `&` at the end
    const std::size_t equals = std::min(part.find('='), part.size());
    parameters_.push_back({decoded(part.substr(0, equals)), decoded(part.substr(std::min(equals + 1, part.size())))});
  }
}

std::optional<std::string_view> Query::find(std::string_view name) const {
  const auto found = std::find_if(parameters_.rbegin(), parameters_.rend(),
                                  [&](const Parameter& parameter) { return parameter.name == name; });
  if (found == parameters_.rend()) return std::nullopt;
  return found->value;
}

std::string QueryReader::text(std::string_view name, std::string_view mend) {
  const auto value = query_.find(name);
  if (value && value->empty()) refuse(name, *value, mend);
  return std::string(value.value_or(""));
}

std::uint64_t QueryReader::whole(std::string_view name, std::uint64_t fallback, std::uint64_t highest) {
  return maybe_whole(name, highest).value_or(fallback);
}

std::optional<std::uint64_t> QueryReader::maybe_whole(std::string_view name, std::uint64_t highest) {
  const auto value = query_.find(name);
  if (!value) return std::nullopt;
  const auto number = parse_decimal(*value);
  if (number && *number <= highest) return number;
  refuse(name, *value, fmt::format("write a whole number from 0 to {}", highest));
  return std::nullopt;
}

Nanos QueryReader::duration(std::string_view name, Nanos fallback) {
  const auto value = query_.find(name);
  if (!value) return fallback;
  double number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  const bool is_number = error == std::errc() && end == value->data() + value->size();
  if (is_number && number >= 0 && number < 1e9) return Nanos(static_cast<std::int64_t>(number * 1e9));
  const Result<Nanos> parsed = parse_duration(*value);
  if (parsed) return parsed.value();
  refuse(name, *value, fmt::format("write {}, or a number of seconds", kDurationForms));
  return fallback;
}

std::optional<Method> QueryReader::method(std::string_view name) {
  const auto value = query_.find(name);
  if (!value) return std::nullopt;
  std::string upper(*value);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  const auto found = from_label<Method>(upper);
  if (!found) refuse(name, *value, "write GET, POST, …, or OTHER for what has no tag of its own");
  return found;
}

std::optional<exporter::StatusSet> QueryReader::statuses(std::string_view name) {
  const auto value = query_.find(name);
  if (!value) return std::nullopt;
  const auto set = exporter::StatusSet::parse(*value);
  if (!set) refuse(name, *value, fmt::format("write {}", exporter::StatusSet::kForms));
  return set;
}

void QueryReader::refuse_others(std::span<const std::string_view> known) {
  for (const auto& [name, value] : query_.parameters()) {
    if (std::ranges::find(known, name) == known.end()) return refuse(name, value, advice_on(name, known));
    if (std::ranges::count(query_.parameters(), name, &Query::Parameter::name) > 1) {
      return refuse(name, value, "it is there more than once: write it once");
    }
  }
}

void QueryReader::refuse(std::string_view name, std::string_view value, std::string_view mend) {
  if (!problem_.empty()) return;
  problem_ = fmt::format("{}: \"{}\" cannot be used ({})", beginning(name), beginning(value), mend);
}

}  // namespace weir::admin
