#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <weir/stats/sketch.h>

namespace weir::stats {

/// Durations by how many exchanges were under way in the same worker on arrival, in levels that double: 1, 2, 3-4, 5-8
/// and so on. Indexed by level; those above the highest that was seen are not there.
using ConcurrencyLevels = std::vector<Sketch>;

/// 1 and less are level 0, 2 is level 1, 3 and 4 are level 2.
constexpr std::size_t level_of(std::uint16_t concurrency) {
  return concurrency <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(concurrency - 1)));
}
/// What concurrency a level begins and ends with.
constexpr std::uint32_t lowest_of_level(std::size_t level) { return level == 0 ? 1 : (1U << (level - 1)) + 1; }
constexpr std::uint32_t highest_of_level(std::size_t level) { return 1U << level; }

void add_to_levels(ConcurrencyLevels& levels, std::uint16_t concurrency, std::int64_t duration_ns);
void merge_levels(ConcurrencyLevels& levels, const ConcurrencyLevels& other);

}  // namespace weir::stats
