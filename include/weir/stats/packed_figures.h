#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <weir/base/clock.h>
#include <weir/stats/figures.h>

namespace weir::stats {

/// Figures of a closed slice, in as few bits as is cheap to do: bucket counts are Golomb-Rice coded with a parameter
/// that follows their running mean, gaps as run lengths (after Malvar, "Adaptive run-length/Golomb-Rice encoding",
/// DCC 2006). Nothing is lost but min and max of phases and streams, which come back as the edges of their buckets.
/// A slice with one request takes about 35 bytes, one with a thousand about 120 for each sketch in use.
class PackedFigures {
 public:
  PackedFigures() = default;
  explicit PackedFigures(const Figures& figures);

  void add_to(Figures& figures) const;
  /// Counts and durations alone, for a third of the time.
  void add_counts_and_duration_to(Figures& figures) const;
  /// Takes out what was merged in before. The exact extremes of `figures.duration` are the caller's to restore.
  void remove_from(Figures& figures) const;

  /// Without unpacking the rest.
  struct Summary {
    std::uint64_t requests = 0;
    Nanos min{0};
    Nanos max{0};
  };
  Summary summary() const;

  std::size_t bytes() const { return size_; }

 private:
  template <class Read>
  void add(Figures& figures, Read&& read) const;

  std::unique_ptr<std::uint8_t[]> data_;
  std::uint32_t size_ = 0;
};

}  // namespace weir::stats
