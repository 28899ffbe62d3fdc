// Hot path: no allocation, no lock.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::route {

/// One segment of a path, found and hashed in one pass of eight bytes at a time.
struct HashedSegment {
  std::size_t end;     ///< where the segment stops: at a slash or at the end of the path
  std::uint32_t hash;
};

namespace detail {

inline constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;

inline std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * kMultiplier;
  return hash ^ (hash >> 29);
}

/// Eight bytes from `at` on, zeros beyond the end.
inline std::uint64_t load(std::string_view path, std::size_t at) {
  const std::size_t left = path.size() - at;
  std::uint64_t word = 0;
  if (left >= 8) {
    std::memcpy(&word, path.data() + at, 8);
  } else if (path.size() >= 8) {
    // The last eight bytes of the path, the ones before `at` shifted out.
    std::memcpy(&word, path.data() + path.size() - 8, 8);
    word >>= 8 * (8 - left);
  } else {
    std::memcpy(&word, path.data() + at, left);
  }
  return word;
}

}  // namespace detail

static_assert(std::endian::native == std::endian::little, "hash_segment reads words from the low byte up");

/// `at` is below `path.size()` or equal to it (an empty segment).
inline HashedSegment hash_segment(std::string_view path, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  std::uint64_t hash = 0;
  std::size_t next = at;
  while (next < path.size()) {
    const std::uint64_t word = detail::load(path, next);
    const std::uint64_t slashes = word ^ (kOnes * '/');
    const std::uint64_t found = (slashes - kOnes) & ~slashes & kHighs;
    if (found != 0) {
      const int bytes = std::countr_zero(found) / 8;
      if (bytes != 0) hash = detail::mix(hash, word & (~std::uint64_t{0} >> (64 - 8 * bytes)));
      return {next + static_cast<std::size_t>(bytes), static_cast<std::uint32_t>(hash >> 32 ^ hash)};
    }
    hash = detail::mix(hash, word);
    next += 8;
  }
  return {path.size(), static_cast<std::uint32_t>(hash >> 32 ^ hash)};
}

}  // namespace weir::route
