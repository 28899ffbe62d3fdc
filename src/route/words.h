#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::route {

/// How an English reader of HTTP APIs takes a path segment, from its spelling alone.
struct Reading {
  /// Share of its parts (`verify_credentials` has two) that are words of the trade: `search`, `settings`, `verify`.
  double known = 0;
  /// One of the few words that name a fixed place wherever they stand: `me`, `search`, `login`, `new`.
  bool is_reserved = false;
  bool is_plural = false;
  std::uint32_t parts = 0;
};

Reading read_word(std::string_view segment);

/// `{name}` for the parameter after `before` (the literal in front of it): `users` gives `user`, `categories` gives
/// `category`; lower case, underscores between parts, letters and digits only. Empty if nothing is left.
std::string singular_name(std::string_view before);

}  // namespace weir::route
