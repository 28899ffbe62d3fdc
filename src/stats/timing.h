#pragma once

#include <cstddef>
#include <cstdint>

#include <weir/stats/packed_figures.h>
#include <weir/stats/said.h>
#include <weir/stats/sketch.h>

namespace weir::stats {

struct Timing;

/// A Timing of a closed slice, in the bits that Figures with nothing but durations take.
class PackedTiming {
 public:
  explicit PackedTiming(const Timing& timing);

  void add_to(Timing& timing) const;
  /// Takes out what was merged in before. Exact extremes are the caller's to restore.
  void remove_from(Timing& timing) const;
  PackedFigures::Summary summary() const { return packed_.summary(); }
  std::size_t bytes() const { return packed_.bytes(); }

 private:
  Figures unpacked() const;

  PackedFigures packed_;
};

/// One time that stands for several.
struct Repeated {
  Nanos taken;
  std::uint64_t times;  ///< at least 1
};

/// How long one component took, over a set of answers that named it.
struct Timing {
  using Packed = PackedTiming;

  Sketch duration;

  void add(Nanos taken) { duration.add(taken.count()); }
  void add(const Repeated& many);
  void merge(const Timing& other) { duration.merge(other.duration); }
  std::size_t heap_bytes() const { return duration.heap_bytes(); }
};

}  // namespace weir::stats
