// Hot path: no allocation, no lock.
#pragma once

#include <cstdint>

#include <weir/base/method.h>

namespace weir::route {

/// A set of methods is a word: one bit each, and the highest for patterns that hold for any.
constexpr std::uint32_t bit_of(Method method) { return 1U << static_cast<unsigned>(method); }
inline constexpr std::uint32_t kAnyMethod = 1U << count_of<Method>();
static_assert(count_of<Method>() < 32);

/// The two places that every table has.
inline constexpr std::uint32_t kRoot = 0;
inline constexpr std::uint32_t kAsterisk = 1;

/// Where to look first for a literal of this hash below this node.
constexpr std::uint32_t slot_of(std::uint32_t node, std::uint32_t hash) {
  const std::uint32_t mixed = (hash ^ node * 0x85EBCA6BU) * 0xC2B2AE35U;
  return mixed ^ mixed >> 15;
}

}  // namespace weir::route
