#include "object_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <weir/base/printable.h>
#include <weir/base/timestamp.h>
#include <weir/export/legend.h>

namespace weir::admin {

namespace {

/// A value as a message shows it.
std::string shown(simdjson::dom::element value) {
  constexpr std::size_t kLongest = 60;
  std::string text = simdjson::minify(value);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return exporter::printable(text);
}

}  // namespace

Result<simdjson::dom::element> parse_body(simdjson::dom::parser& parser, std::string_view body) {
  if (body.empty()) return Error{"the body is empty (send JSON)"};
  simdjson::dom::element root;
  const auto error = parser.parse(body.data(), body.size()).get(root);
  if (error != simdjson::SUCCESS) {
    return Error{fmt::format("the body is no valid JSON: {}", simdjson::error_message(error))};
  }
  return root;
}

ObjectReader::ObjectReader(simdjson::dom::element value, std::string place) : place_(std::move(place)) {
  simdjson::dom::object object;
  if (value.get(object) == simdjson::SUCCESS) {
    take_members(object);
  } else {
    refuse("", fmt::format("{} is no object", shown(value)), "write {...}");
  }
}

void ObjectReader::take_members(simdjson::dom::object object) {
  for (const auto& member : object) {
    if (has(member.key)) return refuse(member.key, "comes twice", "keep one of them");
    if (members_.size() == kMostMembers) return refuse("", fmt::format("has more than {} members", kMostMembers), "");
    members_.push_back({member.key, member.value});
  }
}

bool ObjectReader::has(std::string_view name) const {
  return std::any_of(members_.begin(), members_.end(), [&](const Member& m) { return m.name == name; });
}

ObjectReader::Member* ObjectReader::ask(std::string_view name) {
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.name == name; });
  if (found == members_.end()) return nullptr;
  found->is_asked_for = true;
  return &*found;
}

std::optional<std::string> ObjectReader::text(std::string_view name, std::size_t longest) {
  const Member* member = ask(name);
  if (member == nullptr) return std::nullopt;
  std::string_view text;
  if (member->value.get(text) != simdjson::SUCCESS) {
    refuse(name, shown(member->value) + " is no text", "write it in quotes");
  } else if (text.empty()) {
    refuse(name, "is empty", fmt::format("write 1 to {} bytes", longest));
  } else if (text.size() > longest) {
    refuse(name, fmt::format("has {} bytes", text.size()), fmt::format("write 1 to {}", longest));
  } else if (!is_printable(text)) {
    refuse(name, shown(member->value) + " holds control characters", "leave them out");
  } else {
    return std::string(text);
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> ObjectReader::texts(std::string_view name, std::size_t longest,
                                                            std::size_t most) {
  const Member* member = ask(name);
  if (member == nullptr) return std::nullopt;
  simdjson::dom::array array;
  std::vector<std::string> texts;
  const bool is_array = member->value.get(array) == simdjson::SUCCESS && array.size() != 0 && array.size() <= most;
  if (is_array) {
    for (const simdjson::dom::element one : array) {
      std::string_view text;
      const bool is_text =
          one.get(text) == simdjson::SUCCESS && !text.empty() && text.size() <= longest && is_printable(text);
      if (is_text) texts.emplace_back(text);
    }
    if (texts.size() == array.size()) return texts;
  }
  refuse(name, shown(member->value) + " cannot be used",
         fmt::format("write [\"...\"] with 1 to {} texts of 1 to {} bytes", most, longest));
  return std::nullopt;
}

std::optional<double> ObjectReader::number(std::string_view name, Range<double> range) {
  const Member* member = ask(name);
  if (member == nullptr) return std::nullopt;
  double number = 0;
  const auto type = member->value.type();
  const bool is_number = type == simdjson::dom::element_type::INT64 || type == simdjson::dom::element_type::UINT64 ||
                         type == simdjson::dom::element_type::DOUBLE;
  if (!is_number || member->value.get(number) != simdjson::SUCCESS) {
    refuse(name, shown(member->value) + " is no number",
           fmt::format("write a number from {} to {}", range.from, range.to));
  } else if (!(number >= range.from && number <= range.to)) {
    refuse(name, shown(member->value) + " is out of range",
           fmt::format("write a number from {} to {}", range.from, range.to));
  } else {
    return number;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ObjectReader::whole(std::string_view name, Range<std::uint64_t> range) {
  const Member* member = ask(name);
  if (member == nullptr) return std::nullopt;
  // 3.0 and 3e0 are whole numbers too (RFC 8259 section 6).
  double number = 0;
  const bool is_whole = member->value.type() != simdjson::dom::element_type::BOOL &&
                        member->value.get(number) == simdjson::SUCCESS && std::trunc(number) == number;
  if (is_whole && number >= static_cast<double>(range.from) && number <= static_cast<double>(range.to)) {
    return static_cast<std::uint64_t>(number);
  }
  refuse(name, shown(member->value) + " is none",
         fmt::format("write a whole number from {} to {}", range.from, range.to));
  return std::nullopt;
}

std::optional<WallTime> ObjectReader::time(std::string_view name) {
  const Member* member = ask(name);
  if (member == nullptr) return std::nullopt;
  std::string_view text;
  if (member->value.get(text) == simdjson::SUCCESS) {
    if (const auto at = parse_rfc3339(text)) return at;
  }
  refuse(name, shown(member->value) + " is no time", "write it as in RFC 3339: \"2026-01-31T09:30:00Z\"");
  return std::nullopt;
}

std::optional<simdjson::dom::object> ObjectReader::object(std::string_view name) {
  const Member* member = ask(name);
  if (member == nullptr) return std::nullopt;
  simdjson::dom::object object;
  if (member->value.get(object) == simdjson::SUCCESS) return object;
  refuse(name, shown(member->value) + " is no object", "write {...}");
  return std::nullopt;
}

void ObjectReader::refuse(std::string_view name, std::string_view what, std::string_view mend) {
  if (!problem_.empty()) return;
  const std::string member = exporter::printable(name.substr(0, 100));
  const std::string_view dot = place_.empty() || member.empty() ? "" : ".";
  const std::string where = place_ + std::string(dot) + member;
  problem_ = fmt::format("{}{}{}", where, where.empty() ? "" : ": ", what);
  if (!mend.empty()) problem_ += fmt::format(" ({})", mend);
}

void ObjectReader::refuse_others(std::string_view known) {
  const auto stray = std::find_if(members_.begin(), members_.end(), [](const Member& m) { return !m.is_asked_for; });
  if (stray != members_.end()) refuse(stray->name, "is not known", fmt::format("write {}", known));
}

}  // namespace weir::admin
