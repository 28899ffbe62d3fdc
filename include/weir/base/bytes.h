#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// ASCII letters compare without case, all other bytes as they are.
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Without the spaces and tabs at both ends (OWS, RFC 9110 section 5.6.3).
std::string_view trim(std::string_view text);

/// Decimal digits only, no sign, no space; nothing on an empty text, another byte or overflow.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

/// Lower-case hexadecimal, two characters a byte.
std::string to_hex(std::string_view bytes);

/// Takes a time that depends on the lengths alone, so that a secret cannot be guessed byte by byte.
bool equals_in_constant_time(std::string_view a, std::string_view b);

/// Calls `each(part)` for every part between `separator`s, trimmed, empty ones included.
template <class Each>
void split(std::string_view text, char separator, Each each) {
  while (true) {
    const std::size_t end = text.find(separator);
    each(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

/// Bytes of the well-formed UTF-8 sequence beyond ASCII that starts at `at`, 0 if there is none (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text, std::size_t at);

/// Fills `out` with bytes from the kernel's generator (getrandom). Aborts only if the kernel has none.
void random_bytes(char* out, std::size_t size);

}  // namespace weir
