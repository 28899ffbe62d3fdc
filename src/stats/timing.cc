#include "timing.h"

#include <algorithm>

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

void Timing::add(const Repeated& many) {
  Sketch one;
  one.add(many.taken.count());
  duration.merge(one);  // which also knows the extremes
  const std::uint64_t more = many.times - 1;
  if (more == 0) return;
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(0, many.taken.count()));
  duration.add_totals(more, ns == 0 ? more : 0, Uint128{ns} * more);
  if (ns != 0) duration.add_bucket(bounds::index_of(ns), more);
}

void PackedTiming::add_to(Timing& timing) const { timing.duration.merge(unpacked().duration); }

void PackedTiming::remove_from(Timing& timing) const { timing.duration.remove(unpacked().duration); }

}  // namespace weir::stats
