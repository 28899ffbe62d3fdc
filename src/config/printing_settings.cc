#include "printing_settings.h"

#include <algorithm>

#include <fmt/format.h>

#include <weir/base/bytes.h>

#include "environment.h"

namespace weir::config {
namespace {

bool is_letter(char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }

/// What YAML reads as the same text without quotes, whatever stands around it.
bool is_plain(std::string_view text) {
  if (text.empty() || text.back() == ':' || equals_ignoring_case(text, "null")) return false;
  if (!is_letter(text.front()) && !is_digit(text.front()) && text.front() != '/') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("_-./:+%").find(c) != std::string_view::npos;
  });
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

std::optional<std::string> PrintingSettings::scalar(std::string_view key, const std::string& current, Style style) {
  line_of(fmt::format("{}: {}", key, written(current, style)));
  return std::nullopt;
}

std::optional<std::vector<std::string>> PrintingSettings::scalars(std::string_view key,
                                                                  const std::vector<std::string>& current,
                                                                  Style style) {
  line_of(current.empty() ? fmt::format("{}: []", key) : fmt::format("{}:", key));
  ++depth_;
  for (const std::string& text : current) line_of("- " + written(text, style));
  --depth_;
  return std::nullopt;
}

bool PrintingSettings::open_section(std::string_view key) {
  line_of(fmt::format("{}:", key));
  ++depth_;
  return true;
}

std::optional<std::size_t> PrintingSettings::open_items(std::string_view key, std::size_t current) {
  line_of(current == 0 ? fmt::format("{}: []", key) : fmt::format("{}:", key));
  ++depth_;
  return current;
}

bool PrintingSettings::open_item(std::size_t, bool) {
  begins_item_ = true;
  ++depth_;
  return true;
}

std::optional<std::vector<std::string>> PrintingSettings::open_entries(std::string_view key,
                                                                       const std::vector<std::string>& current) {
  line_of(current.empty() ? fmt::format("{}: {{}}", key) : fmt::format("{}:", key));
  ++depth_;
  return current;
}

std::string PrintingSettings::written(const std::string& text, Style style) const {
  if (style == Style::plain || style == Style::stand_in) return text;
  if (style == Style::secret && secrets_ == Secrets::masked) return in_quotes(kMask);
  return is_plain(text) ? text : in_quotes(escape_environment(text));
}

void PrintingSettings::line_of(std::string_view text) {
  const int dash = begins_item_ ? 1 : 0;
  out_.append(static_cast<std::size_t>(2 * (depth_ - dash)), ' ');
  if (begins_item_) out_ += "- ";
  begins_item_ = false;
  out_ += text;
  out_ += '\n';
}

}  // namespace weir::config
