#pragma once

#include <string>
#include <string_view>

namespace weir::route {

/// Paths and the literal text of patterns are compared in one normal form (RFC 3986 section 6.2.2): codes of unreserved
/// characters are decoded (`%7E` is `~`), the hexadecimal digits of all others are capitals (`%c3` is `%C3`), and what
/// may not stand in a path is encoded (`ü` is `%C3%BC`, a space is `%20`, a `%` without two digits is `%25`). A reserved
/// character and its code stay two things: `%2F` is no slash. Case and dot segments stay as they are.

/// Whether `path` is its own normal form. May say no of one that is. Hot path: sixteen bytes a step.
bool is_normal_form(std::string_view path);

/// Appends the normal form of `path`.
void append_normal_form(std::string& out, std::string_view path);
std::string normal_form(std::string_view path);

}  // namespace weir::route
