#include "text.h"

#include <locale.h>
#include <wchar.h>

#include <fmt/format.h>

#include <weir/base/bytes.h>

namespace weir::verbs {

namespace {

struct Character {
  std::size_t bytes = 1;
  char32_t code = 0;
  bool is_valid = true;
};

Character character_at(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {1, first, true};
  const std::size_t bytes = utf8_length(text, at);
  if (bytes == 0) return {1, first, false};
  char32_t code = first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  return {bytes, code, true};
}

/// C0, DEL, C1, and the characters that are not seen but change how others are (Unicode 15: separators, bidirectional
/// controls, zero-width signs, tags, the byte order mark).
bool is_harmful(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE007F);
}

/// Columns of one character, by the C library's table for UTF-8, whatever the process's own locale is.
std::size_t columns_of(char32_t code) {
  static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (code < 0x7F || utf8 == nullptr) return 1;
  const locale_t before = ::uselocale(utf8);
  const int columns = ::wcwidth(static_cast<wchar_t>(code));
  ::uselocale(before);
  return columns < 0 ? 1 : static_cast<std::size_t>(columns);
}

}  // namespace

std::string harmless(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Character c = character_at(text, i);
    if (!c.is_valid || (is_harmful(c.code) && c.code < 0x80)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
    } else if (is_harmful(c.code)) {
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c.code));
    } else {
      out.append(text, i, c.bytes);
    }
    i += c.bytes;
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Character c = character_at(text, i);
    width += columns_of(c.code);
    i += c.bytes;
  }
  return width;
}

std::string cut(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t taken = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    const Character c = character_at(text, end);
    const std::size_t columns = columns_of(c.code);
    if (taken + columns > width - 1) break;
    taken += columns;
    end += c.bytes;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string harmless_json(std::string_view json) {
  std::string out;
  for (std::size_t i = 0; i < json.size();) {
    const Character c = character_at(json, i);
    const bool is_space = c.code == '\n' || c.code == '\t' || c.code == '\r';
    if (!c.is_valid || (c.code < 0x20 && !is_space)) {
      out += "\\ufffd";  // no JSON holds these; so it was none before either
    } else if (is_harmful(c.code) && c.code > 0xFFFF) {
      const auto code = static_cast<std::uint32_t>(c.code) - 0x10000;
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF));
    } else if (is_harmful(c.code) && !is_space) {
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c.code));
    } else {
      out.append(json, i, c.bytes);
    }
    i += c.bytes;
  }
  return out;
}

}  // namespace weir::verbs
