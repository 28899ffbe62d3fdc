#pragma once

#include <array>
#include <cstdint>

#if defined(__SSSE3__)
#include <tmmintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::http {

/// Classes of bytes, one bit each.
enum CharacterClass : std::uint8_t {
  kTokenChar = 1,   ///< tchar, RFC 9110 section 5.6.2
  kTargetChar = 2,  ///< visible ASCII without `#`: a target has no fragment (RFC 9112 section 3.2); and 0x80 and above,
                    ///< which belong percent-encoded (RFC 3986 section 2) but which servers take as they are
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
    if (i > 0x20 && i != 0x7F && c != '#') bits |= kTargetChar;
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

namespace detail {
/// For each low nibble the high nibbles (0 to 7, one bit each) that make a byte of the class with it: for the classes
/// that are ASCII, which is all of them but `kTargetChar`.
constexpr std::array<std::uint8_t, 16> rows_by_low_nibble(CharacterClass which) {
  std::array<std::uint8_t, 16> rows{};
  for (unsigned low = 0; low < 16; ++low) {
    for (unsigned high = 0; high < 8; ++high) {
      if (is_in(which, static_cast<char>(high * 16 + low))) {
        rows[low] = static_cast<std::uint8_t>(rows[low] | (1U << high));
      }
    }
  }
  return rows;
}
template <CharacterClass which>
inline constexpr std::array<std::uint8_t, 16> kRows = rows_by_low_nibble(which);
}  // namespace detail

/// The first byte in [at, end) that is no `which`. Sixteen bytes a step: two table look-ups by nibble tell the class of
/// each byte (Mula, Lemire, 2018).
template <CharacterClass which>
inline const char* skip_class(const char* at, const char* end) {
  static_assert(which != kTargetChar, "not ASCII: use find_target_end");
#if defined(__SSSE3__)
  const __m128i rows = _mm_loadu_si128(reinterpret_cast<const __m128i*>(detail::kRows<which>.data()));
  const __m128i bit_of_row = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, static_cast<char>(128), 0, 0, 0, 0, 0, 0, 0, 0);
  const __m128i low_nibble = _mm_set1_epi8(0x0F);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i allowed = _mm_shuffle_epi8(rows, _mm_and_si128(bytes, low_nibble));
    const __m128i row = _mm_shuffle_epi8(bit_of_row, _mm_and_si128(_mm_srli_epi16(bytes, 4), low_nibble));
    const __m128i is_outside = _mm_cmpeq_epi8(_mm_and_si128(allowed, row), _mm_setzero_si128());
    const int mask = _mm_movemask_epi8(is_outside);
    if (mask != 0) return at + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  while (at != end && is_in(which, *at)) ++at;
  return at;
}

/// The first byte in [at, end) that is no `kTargetChar`. Sixteen bytes a step.
inline const char* find_target_end(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i space = _mm_set1_epi8(' ');
  const __m128i del = _mm_set1_epi8(0x7F);
  const __m128i hash = _mm_set1_epi8('#');
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i is_low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes);
    const __m128i is_other = _mm_or_si128(_mm_cmpeq_epi8(bytes, del), _mm_cmpeq_epi8(bytes, hash));
    const int mask = _mm_movemask_epi8(_mm_or_si128(is_low, is_other));
    if (mask != 0) return at + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  while (at != end && is_in(kTargetChar, *at)) ++at;
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
