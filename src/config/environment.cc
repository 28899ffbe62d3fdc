#include "environment.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include <weir/base/bytes.h>

namespace weir::config {
namespace {

bool is_variable_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_';
  };
  return !name.empty() && !is_digit(name.front()) && std::all_of(name.begin(), name.end(), is_allowed);
}

/// What `${reference}` stands for.
Result<std::string> look_up(std::string_view reference) {
  const std::size_t mark = reference.find(":-");
  const std::string name(reference.substr(0, mark));
  if (!is_variable_name(name)) return Error{fmt::format("\"${{{}}}\" names no environment variable", reference)};
  const char* value = std::getenv(name.c_str());
  if (mark != std::string_view::npos && (value == nullptr || *value == '\0')) {
    return std::string(reference.substr(mark + 2));
  }
  if (value == nullptr) return Error{fmt::format("the environment variable {} is not set", name)};
  return std::string(value);
}

}  // namespace

Result<std::string> expand_environment(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t start = text.find("${");
    out += text.substr(0, start);
    if (start == std::string_view::npos) return out;
    const bool is_escaped = start > 0 && text[start - 1] == '$';
    text.remove_prefix(start + 2);
    if (is_escaped) {
      out += '{';  // the first sign of `$${` is there already
      continue;
    }
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) return Error{"a \"${\" is never closed"};
    const Result<std::string> value = look_up(text.substr(0, end));
    if (!value) return value.error();
    out += value.value();
    text.remove_prefix(end + 1);
  }
}

bool is_variable(std::string_view text) {
  return text.starts_with("${") && text.ends_with('}') && is_variable_name(text.substr(2, text.size() - 3));
}

std::string escape_environment(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') out += '$';
    out += text[i];
  }
  return out;
}

}  // namespace weir::config
