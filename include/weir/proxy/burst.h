#pragma once

#include <algorithm>
#include <cstdint>

namespace weir::proxy {

/// Tells when a burst is over for good, so that the memory it took can be given back. Pure: it is told of every tick.
class Burst {
 public:
  /// Fewer at once leave too little behind.
  static constexpr std::uint32_t kLeast = 256;
  /// Less than one part in so many of its height is quiet,
  static constexpr std::uint32_t kQuietPart = 8;
  /// and after so many quiet ticks in a row it is over.
  static constexpr std::uint32_t kQuietTicks = 40;

  /// How many there are at this tick. True once for each burst.
  bool is_over(std::uint32_t now) {
    height_ = std::max(height_, now);
    quiet_ticks_ = now < height_ / kQuietPart ? quiet_ticks_ + 1 : 0;
    if (height_ < kLeast || quiet_ticks_ < kQuietTicks) return false;
    height_ = now;
    quiet_ticks_ = 0;
    return true;
  }

 private:
  std::uint32_t height_ = 0;
  std::uint32_t quiet_ticks_ = 0;
};

}  // namespace weir::proxy
