#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <weir/stats/window.h>

#include "history.h"

namespace weir::stats {

/// What cannot be taken out of a sum again (extremes, distinct hashes), over every window: one part for each slice, in
/// the slices of History, put together when somebody asks.
template <class Part>
class Rings {
 public:
  template <class Fact>
  void add(SliceNumber number, const Fact& fact) {
    slices_.add(number, fact);
    minutes_.add(number / kSlicesPerMinute, fact);
    quarters_.add(number / kSlicesPerQuarter, fact);
    all_.add(fact);
  }

  Part in(Window window, SliceNumber current) const {
    switch (window) {
      case Window::minute: return slices_.in(current, 12);
      case Window::five_minutes: return slices_.in(current, 60);
      case Window::hour: return minutes_.in(current / kSlicesPerMinute, 60);
      case Window::day: return quarters_.in(current / kSlicesPerQuarter, 96);
      case Window::all: break;
    }
    return all_;
  }

  std::size_t bytes() const { return slices_.bytes() + minutes_.bytes() + quarters_.bytes() + all_.bytes(); }

 private:
  /// A slice and its part; overwritten by the one that comes a round later.
  template <std::size_t kSize>
  class Ring {
   public:
    template <class Fact>
    void add(SliceNumber number, const Fact& fact) {
      Cell& cell = cells_[static_cast<std::size_t>(number) % kSize];
      // What comes so late that its place has gone to a newer slice counts there: it must not wipe that.
      if (cell.number < number) cell = {number, {}};
      cell.part.add(fact);
    }
    Part in(SliceNumber current, SliceNumber span) const {
      Part all;
      for (const Cell& cell : cells_) {
        if (cell.number >= current - span && cell.number <= current) all.merge(cell.part);
      }
      return all;
    }
    std::size_t bytes() const {
      std::size_t total = sizeof(*this);
      for (const Cell& cell : cells_) total += cell.part.bytes();
      return total;
    }

   private:
    struct Cell {
      SliceNumber number = -1'000'000;
      Part part;
    };
    std::array<Cell, kSize> cells_{};
  };

  Ring<61> slices_;
  Ring<61> minutes_;
  Ring<97> quarters_;
  Part all_;
};

}  // namespace weir::stats
