#include "history.h"

#include <algorithm>

namespace weir::stats {

void SliceRow::drop_before(SliceNumber number) {
  const auto keep = std::find_if(slices_.begin(), slices_.end(), [&](const Slice& s) { return s.number >= number; });
  if (keep == slices_.end()) return clear();
  slices_.erase(slices_.begin(), keep);
}

void SliceRow::merge(const SliceRow& other) {
  for (const Slice& slice : other.slices_) {
    Figures sum;
    slice.figures.add_to(sum);
    const auto place = std::lower_bound(slices_.begin(), slices_.end(), slice.number,
                                        [](const Slice& s, SliceNumber number) { return s.number < number; });
    if (place != slices_.end() && place->number == slice.number) {
      place->figures.add_to(sum);
      place->figures = PackedFigures(sum);
    } else {
      slices_.insert(place, {slice.number, PackedFigures(sum)});
    }
  }
}

std::size_t SliceRow::bytes() const {
  std::size_t total = slices_.capacity() * sizeof(Slice);
  for (const Slice& slice : slices_) total += slice.figures.bytes() + 16;  // what malloc takes for itself
  return total;
}

void SlidingSum::add(const Figures& figures) {
  if (sum_ == nullptr) sum_ = std::make_unique<Figures>();
  sum_->merge(figures);
  ++held_;
}

void SlidingSum::slide(const SliceRow& row, SliceNumber current) {
  const auto& slices = row.slices();
  bool lost_an_extreme = false;
  for (; held_ != 0; --held_) {
    const SliceRow::Slice& oldest = slices[slices.size() - held_];
    if (oldest.number >= current - span_) break;
    const PackedFigures::Summary left = oldest.figures.summary();
    lost_an_extreme |= left.min == sum_->duration.min() || left.max == sum_->duration.max();
    oldest.figures.remove_from(*sum_);
  }
  if (sum_ == nullptr) return;
  if (held_ == 0) {
    sum_.reset();
  } else if (lost_an_extreme) {
    restore_extremes(row);
  }
}

void SlidingSum::restore_extremes(const SliceRow& row) {
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

void SlidingSum::merge(const SlidingSum& other, const SliceRow& row, SliceNumber current) {
  if (other.sum_ != nullptr) {
    if (sum_ == nullptr) sum_ = std::make_unique<Figures>();
    sum_->merge(*other.sum_);
  }
  const auto& slices = row.slices();
  held_ = static_cast<std::size_t>(std::count_if(
      slices.begin(), slices.end(), [&](const SliceRow::Slice& s) { return s.number >= current - span_; }));
}

void SlidingSum::clear() {
  held_ = 0;
  sum_.reset();
}

std::size_t SlidingSum::bytes() const { return sum_ == nullptr ? 0 : sizeof(Figures) + sum_->heap_bytes(); }

}  // namespace weir::stats
