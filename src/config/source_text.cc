#include "source_text.h"

#include <algorithm>
#include <cstdint>

namespace weir::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The length of the UTF-8 character at the start of `bytes`; 0 where there is none (RFC 3629 section 4).
std::size_t length_of_character(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const auto first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : (first & 0xF0) == 0xE0 ? 3
                             : first >= 0xF0 && first < 0xF5                 ? 4
                                                                             : 0;
  if (length == 0 || length > bytes.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && byte(1) < 0xA0) return 0;   // overlong
  if (first == 0xED && byte(1) >= 0xA0) return 0;  // surrogates
  if (first == 0xF0 && byte(1) < 0x90) return 0;   // overlong
  if (first == 0xF4 && byte(1) >= 0x90) return 0;  // beyond U+10FFFF
  return length;
}

bool is_control(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

std::optional<Problem> SourceText::find_no_text() const {
  int line = 1;
  int column = 1;
  std::string_view rest = bytes_;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  while (!rest.empty()) {
    const std::size_t length = length_of_character(rest);
    if (length == 0 || is_control(rest.front())) {
      return Problem{line, column, {}, length == 0 ? "the file is no UTF-8" : "the file has a control character",
                     "write plain text"};
    }
    column = rest.front() == '\n' ? 1 : column + 1;
    if (rest.front() == '\n') ++line;
    rest.remove_prefix(length);
  }
  return std::nullopt;
}

std::string_view SourceText::line_at(int line) const {
  std::string_view rest = bytes_;
  for (int i = 1; i < line; ++i) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  return rest.substr(0, rest.find('\n'));
}

bool SourceText::is_indented_by_tab(int line) const {
  const std::string_view text = line_at(line);
  return text.substr(0, text.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

bool SourceText::is_quote_closed(std::size_t position) const {
  std::string_view rest = bytes_;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  rest.remove_prefix(std::min(position, rest.size()));
  // An anchor or a tag may come first.
  while (rest.starts_with('&') || rest.starts_with('!')) {
    while (!rest.empty() && !is_space(rest.front())) rest.remove_prefix(1);
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
  }
  if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) return true;
  const char quote = rest.front();
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (quote == '"' && rest[i] == '\\') {
      ++i;
    } else if (rest[i] == quote) {
      const bool is_doubled = quote == '\'' && i + 1 < rest.size() && rest[i + 1] == quote;
      if (!is_doubled) return true;
      ++i;
    }
  }
  return false;
}

}  // namespace weir::config
