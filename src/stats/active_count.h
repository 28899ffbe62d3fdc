#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <weir/base/distinct_hashes.h>
#include <weir/stats/window.h>

#include "history.h"

namespace weir::stats {

/// Exact up to 256, then with a standard error of 2.3 %. At most 2 KiB.
using ActiveHashes = DistinctHashes<256, 2048>;

/// Different hashes over every window, in the same slices as History. At most 450 KB.
class ActiveCount {
 public:
  void note(SliceNumber number, std::uint64_t hash);
  ActiveHashes in(Window window, SliceNumber current) const;
  std::size_t bytes() const;

 private:
  /// A slice and who was in it; overwritten by the one that comes a round later.
  template <std::size_t kSize>
  class Ring {
   public:
    void note(SliceNumber number, std::uint64_t hash) {
      Cell& cell = cells_[static_cast<std::size_t>(number) % kSize];
      if (cell.number != number) cell = {number, {}};
      cell.hashes.add(hash);
    }
    ActiveHashes in(SliceNumber current, SliceNumber span) const {
      ActiveHashes all;
      for (const Cell& cell : cells_) {
        if (cell.number >= current - span && cell.number <= current) all.merge(cell.hashes);
      }
      return all;
    }
    std::size_t bytes() const {
      std::size_t total = sizeof(*this);
      for (const Cell& cell : cells_) total += cell.hashes.bytes();
      return total;
    }

   private:
    struct Cell {
      SliceNumber number = -1'000'000;
      ActiveHashes hashes;
    };
    std::array<Cell, kSize> cells_{};
  };

  Ring<61> slices_;
  Ring<61> minutes_;
  Ring<97> quarters_;
  ActiveHashes all_;
};

}  // namespace weir::stats
