#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace weir::http {

/// When to parse a head that arrives in pieces. To parse it again with every piece would be quadratic, so it is looked
/// at again only when it has doubled, or when something that ends a head has come: the work stays linear.
class PartialHead {
 public:
  /// The parser found `gathered` not whole.
  void note_incomplete(std::string_view gathered) {
    parsed_ = static_cast<std::uint32_t>(gathered.size());
    searched_ = parsed_;
  }

  /// Whether to parse `gathered`, which has grown since. Each byte is searched once. With `most` bytes or more the parser
  /// refuses it as too long, which nobody should have to wait for.
  bool is_worth_parsing(std::string_view gathered, std::size_t most) {
    constexpr std::uint32_t kOverlap = 3;  // an end may have begun in what was searched before
    const std::size_t from = std::min<std::size_t>(searched_ - std::min(searched_, kOverlap), gathered.size());
    searched_ = static_cast<std::uint32_t>(gathered.size());
    return gathered.size() >= std::min(most, 2 * std::size_t{parsed_}) || may_end_head(gathered.substr(from));
  }

  /// A new head begins.
  void reset() { *this = {}; }

 private:
  /// With either kind of line end: what takes only one of them refuses the other at once.
  static bool may_end_head(std::string_view bytes) {
    return bytes.find("\n\r\n") != std::string_view::npos || bytes.find("\n\n") != std::string_view::npos;
  }

  std::uint32_t parsed_ = 0;    ///< bytes that the parser has found not whole
  std::uint32_t searched_ = 0;  ///< bytes in which no end can be
};

}  // namespace weir::http
