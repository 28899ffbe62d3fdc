#include "text.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>

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

namespace {

/// A piece of a line without a space in it, or with nothing else.
struct Piece {
  Span span;
  std::size_t width;
  bool is_space;
};

std::vector<Piece> pieces_of(const Line& line) {
  std::vector<Piece> pieces;
  for (const Span& span : line) {
    for (std::size_t i = 0; i < span.text.size();) {
      const bool is_space = span.text[i] == ' ';
      std::size_t end = is_space ? span.text.find_first_not_of(' ', i) : span.text.find(' ', i);
      end = std::min(end, span.text.size());
      std::string text = span.text.substr(i, end - i);
      const std::size_t width = width_of(text);
      pieces.push_back({{std::move(text), span.style}, width, is_space});
      i = end;
    }
  }
  return pieces;
}

/// Where to break the line that begins with `first` and does not fit with `end`: the piece of spaces that goes. `end` where
/// there is none.
std::size_t break_before(const std::vector<Piece>& pieces, std::size_t first, std::size_t end) {
  for (const std::size_t gap : {2U, 1U}) {
    for (std::size_t i = end + 1; i-- > first + 1;) {
      if (pieces[i].is_space && pieces[i].width >= gap) return i;
    }
  }
  return end;
}

}  // namespace

Page folded(const Page& page, std::size_t width) {
  if (width == 0) return page;
  Page out;
  for (const Line& line : page) {
    const std::vector<Piece> pieces = pieces_of(line);
    const bool is_indented = pieces.size() > 1 && pieces[0].is_space;
    const Span indentation = is_indented ? pieces[0].span : Span();
    std::size_t first = 0;
    while (true) {
      const bool is_first = first == 0;
      std::size_t end = first;
      std::size_t used = is_first ? 0 : width_of(indentation.text);
      while (end < pieces.size() && (used + pieces[end].width <= width || end == first)) used += pieces[end++].width;
      // A word that is too long by itself goes on to its end.
      if (end < pieces.size()) {
        const std::size_t start = first + (is_first && is_indented ? 1 : 0);
        end = break_before(pieces, start, end);
        while (end < pieces.size() && !pieces[end].is_space) ++end;
      }
      Line folded_line;
      if (!is_first && is_indented) folded_line.push_back(indentation);
      std::size_t last = end;
      while (last > first && pieces[last - 1].is_space) --last;
      for (std::size_t i = first; i < last; ++i) folded_line.push_back(pieces[i].span);
      out.push_back(std::move(folded_line));
      first = end;
      while (first < pieces.size() && pieces[first].is_space) ++first;
      if (first >= pieces.size()) break;
    }
  }
  return out;
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
