#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::verbs {

/// What a piece of text means; a terminal shows it by colour or weight.
enum class Style : std::uint8_t { plain, faint, strong, heading, good, warning, bad };

struct Span {
  std::string text;  ///< free of control characters
  Style style = Style::plain;
};

using Line = std::vector<Span>;
/// What a verb shows. The same page is printed, with colours or without, and drawn by `top`.
using Page = std::vector<Line>;

/// `text` as a terminal may see it: what could move the cursor, change colours or turn the direction of writing is
/// spelt out (`\x1b`, `\u202e`), and so is what is no UTF-8 (`\xff`). Paths and users come from strangers.
std::string harmless(std::string_view text);

/// Columns that it takes in a terminal. `text` is harmless.
std::size_t width_of(std::string_view text);

/// At most `width` columns of it, ending in an ellipsis where it had to be cut.
std::string cut(std::string_view text, std::size_t width);

/// Lines of no more than `width` columns: those that are wider go on in another line, with the same indentation. They are
/// broken at gaps of several spaces where there are such, else at a space, never within a word; a word that is too long by
/// itself stays whole. 0: as they are.
Page folded(const Page& page, std::size_t width);

/// A JSON document that means the same, and in which no control character stands as such.
std::string harmless_json(std::string_view json);

}  // namespace weir::verbs
