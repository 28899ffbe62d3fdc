#include "timing.h"

namespace weir::stats {

namespace {

PackedFigures packed(const Timing& timing) {
  Figures figures;
  figures.counts.requests = timing.duration.count();
  figures.duration = timing.duration;
  return PackedFigures(figures);
}

}  // namespace

PackedTiming::PackedTiming(const Timing& timing) : packed_(packed(timing)) {}

Figures PackedTiming::unpacked() const {
  Figures figures;
  packed_.add_to(figures);
  return figures;
}

void PackedTiming::add_to(Timing& timing) const { timing.duration.merge(unpacked().duration); }

void PackedTiming::remove_from(Timing& timing) const { timing.duration.remove(unpacked().duration); }

}  // namespace weir::stats
