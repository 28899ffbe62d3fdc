// Hot path: no allocation once the string is warm, no lock.
#include <array>
#include <cstdint>
#include <cstring>

#include <weir/base/bytes.h>
#include <weir/route/normal_form.h>

#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

namespace weir::route {

namespace {

constexpr bool contains(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

constexpr bool is_unreserved(char c) {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || is_digit(c) || contains("-._~", c);
}

/// Unreserved or reserved (RFC 3986 section 2.2): stands for itself.
constexpr bool is_plain(char c) { return is_unreserved(c) || contains(":/?#[]@!$&'()*+,;=", c); }

constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

#if defined(__SSSE3__)
/// For each low nibble the high nibbles (0 to 7, one bit each) that make a plain character with it.
constexpr std::array<std::uint8_t, 16> make_rows() {
  std::array<std::uint8_t, 16> rows{};
  for (unsigned byte = 0; byte < 128; ++byte) {
    if (is_plain(static_cast<char>(byte))) {
      rows[byte & 15] = static_cast<std::uint8_t>(rows[byte & 15] | (1U << (byte >> 4)));
    }
  }
  return rows;
}
constexpr std::array<std::uint8_t, 16> kRows = make_rows();

bool are_plain(__m128i bytes) {
  const __m128i rows = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kRows.data()));
  const __m128i bit_of_row = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, static_cast<char>(128), 0, 0, 0, 0, 0, 0, 0, 0);
  const __m128i low_nibble = _mm_set1_epi8(0x0F);
  const __m128i allowed = _mm_shuffle_epi8(rows, _mm_and_si128(bytes, low_nibble));
  const __m128i row = _mm_shuffle_epi8(bit_of_row, _mm_and_si128(_mm_srli_epi16(bytes, 4), low_nibble));
  const __m128i is_outside = _mm_cmpeq_epi8(_mm_and_si128(allowed, row), _mm_setzero_si128());
  return _mm_movemask_epi8(is_outside) == 0;
}

template <class Word>
std::uint64_t load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}
#endif

void append_code(std::string& out, unsigned byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  out += '%';
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

/// One by one: for the shortest, and where there are no sixteen at a time.
[[gnu::noinline]] bool are_plain(std::string_view path) {
  for (const char c : path) {
    if (!is_plain(c)) return false;
  }
  return true;
}

}  // namespace

bool is_normal_form(std::string_view path) {
#if defined(__SSSE3__)
  const char* const begin = path.data();
  const char* const end = begin + path.size();
  // What is left over is read together with bytes that have been looked at.
  if (path.size() >= 16) {
    for (const char* at = begin; end - at >= 16; at += 16) {
      if (!are_plain(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)))) return false;
    }
    return are_plain(_mm_loadu_si128(reinterpret_cast<const __m128i*>(end - 16)));
  }
  if (path.size() >= 8) {
    return are_plain(_mm_set_epi64x(static_cast<std::int64_t>(load<std::uint64_t>(end - 8)),
                                    static_cast<std::int64_t>(load<std::uint64_t>(begin))));
  }
  if (path.size() >= 4) {
    const auto word = static_cast<std::int64_t>(load<std::uint32_t>(begin) | load<std::uint32_t>(end - 4) << 32);
    return are_plain(_mm_set_epi64x(word, word));
  }
#endif
  return are_plain(path);
}

void append_normal_form(std::string& out, std::string_view path) {
  for (std::size_t at = 0; at < path.size(); ++at) {
    const char c = path[at];
    if (c != '%') {
      if (is_plain(c)) {
        out += c;
      } else {
        append_code(out, static_cast<unsigned char>(c));
      }
      continue;
    }
    const int high = at + 2 < path.size() ? hex_value(path[at + 1]) : -1;
    const int low = at + 2 < path.size() ? hex_value(path[at + 2]) : -1;
    if (high < 0 || low < 0) {
      append_code(out, '%');
      continue;
    }
    const auto byte = static_cast<unsigned>(high * 16 + low);
    if (byte < 128 && is_unreserved(static_cast<char>(byte))) {
      out += static_cast<char>(byte);
    } else {
      append_code(out, byte);
    }
    at += 2;
  }
}

std::string normal_form(std::string_view path) {
  std::string out;
  append_normal_form(out, path);
  return out;
}

}  // namespace weir::route
