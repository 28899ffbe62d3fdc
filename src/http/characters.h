#pragma once

#include <array>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::http {

/// Classes of bytes, one bit each.
enum CharacterClass : std::uint8_t {
  kTokenChar = 1,   ///< tchar, RFC 9110 section 5.6.2
  kTargetChar = 2,  ///< visible ASCII without `#`: a target has no fragment (RFC 9112 section 3.2)
  kHostChar = 4,    ///< reg-name: unreserved, sub-delims, `%` (RFC 3986 section 3.2.2)
  kHexDigit = 8,
};

namespace detail {
constexpr bool contains(const char* set, char c) {
  for (; *set != '\0'; ++set) {
    if (*set == c) return true;
  }
  return false;
}
constexpr std::array<std::uint8_t, 256> make_character_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool alnum = (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z');
    std::uint8_t bits = 0;
    if (alnum || (i < 128 && contains("!#$%&'*+-.^_`|~", c) && c != '\0')) bits |= kTokenChar;
    if (i > 0x20 && i < 0x7F && c != '#') bits |= kTargetChar;
    if (alnum || (i < 128 && contains("-._~!$&'()*+,;=%", c) && c != '\0')) bits |= kHostChar;
    if ((i >= '0' && i <= '9') || (i >= 'a' && i <= 'f') || (i >= 'A' && i <= 'F')) bits |= kHexDigit;
    classes[static_cast<std::size_t>(i)] = bits;
  }
  return classes;
}
}  // namespace detail

inline constexpr std::array<std::uint8_t, 256> kCharacterClasses = detail::make_character_classes();

constexpr bool is_in(CharacterClass which, char c) {
  return (kCharacterClasses[static_cast<unsigned char>(c)] & which) != 0;
}

/// The first byte in [at, end) that is no `which`.
inline const char* skip_class(CharacterClass which, const char* at, const char* end) {
  while (at != end && is_in(which, *at)) ++at;
  return at;
}

/// The first control byte other than the tab in [at, end): CR, LF, NUL, DEL and their like. Sixteen bytes a step.
inline const char* find_control(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i highest_control = _mm_set1_epi8(0x1F);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7F);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i is_low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, highest_control), bytes);
    const __m128i is_control = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), is_low),
                                            _mm_cmpeq_epi8(bytes, del));
    const int mask = _mm_movemask_epi8(is_control);
    if (mask != 0) return at + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  for (; at != end; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) return at;
  }
  return end;
}

}  // namespace weir::http
