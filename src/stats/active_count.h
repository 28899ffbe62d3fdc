#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <weir/stats/window.h>

#include "history.h"

namespace weir::stats {

/// How many different hashes there were: exact up to 256, then HyperLogLog (Flajolet and others, 2007) with 2,048
/// registers, standard error 2.3 %. At most 2 KiB. Merging is exact: as if one had seen both.
class DistinctHashes {
 public:
  static constexpr std::size_t kExact = 256;

  void add(std::uint64_t hash);
  void merge(const DistinctHashes& other);
  std::uint64_t value() const;
  bool is_exact() const { return registers_.empty(); }
  std::size_t bytes() const { return hashes_.capacity() * sizeof(std::uint64_t) + registers_.capacity(); }

 private:
  static constexpr std::size_t kRegisters = 2048;

  void raise(std::uint64_t hash);
  void go_over();

  std::vector<std::uint64_t> hashes_;  ///< sorted; empty once there are registers
  std::vector<std::uint8_t> registers_;
};

/// Different hashes over every window, in the same slices as History. At most 450 KB.
class ActiveCount {
 public:
  void note(SliceNumber number, std::uint64_t hash);
  DistinctHashes in(Window window, SliceNumber current) const;
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
    DistinctHashes in(SliceNumber current, SliceNumber span) const {
      DistinctHashes all;
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
      DistinctHashes hashes;
    };
    std::array<Cell, kSize> cells_{};
  };

  Ring<61> slices_;
  Ring<61> minutes_;
  Ring<97> quarters_;
  DistinctHashes all_;
};

}  // namespace weir::stats
