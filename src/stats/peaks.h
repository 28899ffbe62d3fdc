#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "history.h"

namespace weir::stats {

/// The highest of a figure over every window, where sums say nothing. Same slices as History, a few kilobytes in all.
class Peaks {
 public:
  void note(SliceNumber number, std::uint32_t value) {
    slices_.note(number, value);
    minutes_.note(number / kSlicesPerMinute, value);
    quarters_.note(number / kSlicesPerQuarter, value);
    highest_ = std::max(highest_, value);
  }
  std::uint32_t highest(Window window, SliceNumber current) const {
    switch (window) {
      case Window::minute: return slices_.highest(current, 12);
      case Window::five_minutes: return slices_.highest(current, 60);
      case Window::hour: return minutes_.highest(current / kSlicesPerMinute, 60);
      case Window::day: return quarters_.highest(current / kSlicesPerQuarter, 96);
      case Window::all: return highest_;
    }
    return 0;
  }
  /// In slice `number` of `grain` (1, kSlicesPerMinute, kSlicesPerQuarter); 0 where it is not known.
  std::uint32_t highest_in(SliceNumber grain, SliceNumber number) const {
    if (grain == 1) return slices_.at(number);
    return grain == kSlicesPerMinute ? minutes_.at(number) : quarters_.at(number);
  }

 private:
  /// A slice and the highest value in it; overwritten by the one that comes a round later.
  template <std::size_t kSize>
  class Ring {
   public:
    void note(SliceNumber number, std::uint32_t value) {
      Cell& cell = cells_[static_cast<std::size_t>(number) % kSize];
      if (cell.number != number) cell = {number, 0};
      cell.value = std::max(cell.value, value);
    }
    std::uint32_t at(SliceNumber number) const {
      const Cell& cell = cells_[static_cast<std::size_t>(number) % kSize];
      return cell.number == number ? cell.value : 0;
    }
    std::uint32_t highest(SliceNumber current, SliceNumber span) const {
      std::uint32_t result = 0;
      for (const Cell& cell : cells_) {
        if (cell.number >= current - span && cell.number <= current) result = std::max(result, cell.value);
      }
      return result;
    }

   private:
    struct Cell {
      SliceNumber number = -1'000'000;
      std::uint32_t value = 0;
    };
    std::array<Cell, kSize> cells_{};
  };

  Ring<61> slices_;
  Ring<61> minutes_;
  Ring<97> quarters_;
  std::uint32_t highest_ = 0;
};

}  // namespace weir::stats
