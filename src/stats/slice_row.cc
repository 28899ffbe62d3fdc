#include "history.h"

#include <algorithm>

namespace weir::stats {

namespace {

/// Counts can be taken out again, extremes cannot.
template <class Sums>
constexpr bool kHasExtremes = requires(Sums sums) { sums.duration; };

}  // namespace

template <class Sums>
void SliceRow<Sums>::drop_before(SliceNumber number) {
  const auto keep = std::find_if(slices_.begin(), slices_.end(), [&](const Slice& s) { return s.number >= number; });
  if (keep == slices_.end()) return clear();
  slices_.erase(slices_.begin(), keep);
}

template <class Sums>
void SliceRow<Sums>::merge(const SliceRow& other) {
  for (const Slice& slice : other.slices_) {
    Sums sum;
    slice.figures.add_to(sum);
    const auto place = std::lower_bound(slices_.begin(), slices_.end(), slice.number,
                                        [](const Slice& s, SliceNumber number) { return s.number < number; });
    if (place != slices_.end() && place->number == slice.number) {
      place->figures.add_to(sum);
      place->figures = Packed(sum);
    } else {
      slices_.insert(place, {slice.number, Packed(sum)});
    }
  }
}

template <class Sums>
std::size_t SliceRow<Sums>::bytes() const {
  std::size_t total = slices_.capacity() * sizeof(Slice);
  for (const Slice& slice : slices_) total += slice.figures.bytes() + 16;  // what malloc takes for itself
  return total;
}

template <class Sums>
void SlidingSum<Sums>::add(const Sums& figures) {
  if (sum_ == nullptr) sum_ = std::make_unique<Sums>();
  sum_->merge(figures);
  ++held_;
}

template <class Sums>
void SlidingSum<Sums>::slide(const SliceRow<Sums>& row, SliceNumber current) {
  const auto& slices = row.slices();
  bool lost_an_extreme = false;
  for (; held_ != 0; --held_) {
    const auto& oldest = slices[slices.size() - held_];
    if (oldest.number >= current - span_) break;
    if constexpr (kHasExtremes<Sums>) {
      const PackedFigures::Summary left = oldest.figures.summary();
      lost_an_extreme |= left.min == sum_->duration.min() || left.max == sum_->duration.max();
    }
    oldest.figures.remove_from(*sum_);
  }
  if (sum_ == nullptr) return;
  if (held_ == 0) {
    sum_.reset();
  } else if (lost_an_extreme) {
    restore_extremes(row);
  }
}

template <class Sums>
void SlidingSum<Sums>::restore_extremes(const SliceRow<Sums>& row) {
  if constexpr (kHasExtremes<Sums>) {
    const auto& slices = row.slices();
    Nanos min = Nanos::max();
    Nanos max{0};
    for (std::size_t i = slices.size() - held_; i < slices.size(); ++i) {
      const PackedFigures::Summary summary = slices[i].figures.summary();
      min = std::min(min, summary.min);
      max = std::max(max, summary.max);
    }
    sum_->duration.set_extremes(min, max);
  }
}

template <class Sums>
void SlidingSum<Sums>::merge(const SlidingSum& other, const SliceRow<Sums>& row, SliceNumber current) {
  if (other.sum_ != nullptr) {
    if (sum_ == nullptr) sum_ = std::make_unique<Sums>();
    sum_->merge(*other.sum_);
  }
  const auto& slices = row.slices();
  held_ = static_cast<std::size_t>(std::count_if(
      slices.begin(), slices.end(), [&](const auto& s) { return s.number >= current - span_; }));
}

template <class Sums>
void SlidingSum<Sums>::clear() {
  held_ = 0;
  sum_.reset();
}

template <class Sums>
std::size_t SlidingSum<Sums>::bytes() const { return sum_ == nullptr ? 0 : sizeof(Sums) + sum_->heap_bytes(); }

template class SliceRow<Figures>;
template class SliceRow<Timing>;
template class SliceRow<CacheCounts>;
template class SliceRow<PersonCounts>;
template class SliceRow<EventCount>;
template class SlidingSum<Figures>;
template class SlidingSum<Timing>;
template class SlidingSum<CacheCounts>;
template class SlidingSum<PersonCounts>;
template class SlidingSum<EventCount>;

}  // namespace weir::stats
