#include "history.h"

#include <algorithm>
#include <utility>

namespace weir::stats {

namespace {

template <class Sums>
Sums& made(std::unique_ptr<Sums>& figures) {
  if (figures == nullptr) figures = std::make_unique<Sums>();
  return *figures;
}

template <class Sums>
void merge_into(std::unique_ptr<Sums>& target, const std::unique_ptr<Sums>& source) {
  if (source != nullptr) made(target).merge(*source);
}

template <class Sums>
void add_part(Sums& figures, const Sums* part, bool with_phases) {
  if (part == nullptr) return;
  if constexpr (std::same_as<Sums, Figures>) {
    if (!with_phases) return figures.merge_without_phases(*part);
  }
  figures.merge(*part);
}

template <class Sums>
std::size_t bytes_of(const std::unique_ptr<Sums>& figures) {
  return figures == nullptr ? 0 : sizeof(Sums) + figures->heap_bytes();
}

}  // namespace

template <class Sums>
void HistoryOf<Sums>::advance(SliceNumber current) {
  if (current == current_) return;
  const SliceNumber before = std::exchange(current_, current);
  if (previous_ != nullptr) close_slice(*previous_, before - 1);
  previous_ = nullptr;
  if (newest_ != nullptr) {
    if (current == before + 1) {
      previous_ = std::move(newest_);
    } else {
      close_slice(*newest_, before);
    }
    newest_ = nullptr;
  }
  // The two newest slices are open, so whatever ends before them is complete.
  const SliceNumber complete = current - 1;
  if (minutes_.open != nullptr && (minutes_.open_number + 1) * kSlicesPerMinute <= complete) close_minute();
  if (quarters_.open != nullptr && (quarters_.open_number + 1) * kSlicesPerQuarter <= complete) close_quarter();
  slide();
}

template <class Sums>
void HistoryOf<Sums>::close_slice(const Sums& figures, SliceNumber number) {
  slices_.push(number, figures);
  last_minute_.add(figures);
  last_five_minutes_.add(figures);
  made(total_).merge(figures);
  const SliceNumber minute = number / kSlicesPerMinute;
  if (minutes_.open != nullptr && minutes_.open_number != minute) close_minute();
  made(minutes_.open).merge(figures);
  minutes_.open_number = minute;
}

template <class Sums>
void HistoryOf<Sums>::close_minute() {
  const std::unique_ptr<Sums> closed = std::move(minutes_.open);
  minutes_.row.push(minutes_.open_number, *closed);
  last_hour_.add(*closed);
  const SliceNumber quarter = minutes_.open_number * kSlicesPerMinute / kSlicesPerQuarter;
  if (quarters_.open != nullptr && quarters_.open_number != quarter) close_quarter();
  made(quarters_.open).merge(*closed);
  quarters_.open_number = quarter;
}

template <class Sums>
void HistoryOf<Sums>::close_quarter() {
  const std::unique_ptr<Sums> closed = std::move(quarters_.open);
  quarters_.row.push(quarters_.open_number, *closed);
  last_day_.add(*closed);
}

template <class Sums>
void HistoryOf<Sums>::slide() {
  last_minute_.slide(slices_, current_);
  last_five_minutes_.slide(slices_, current_);
  slices_.drop_before(current_ - last_five_minutes_.span());

  const SliceNumber minute = current_ / kSlicesPerMinute;
  last_hour_.slide(minutes_.row, minute);
  minutes_.row.drop_before(minute - last_hour_.span());

  const SliceNumber quarter = current_ / kSlicesPerQuarter;
  last_day_.slide(quarters_.row, quarter);
  quarters_.row.drop_before(quarter - last_day_.span());
}

template <class Sums>
Sums& HistoryOf<Sums>::open_slice(SliceNumber number) { return made(number >= current_ ? newest_ : previous_); }

template <class Sums>
bool HistoryOf<Sums>::merge(const Sums& figures, SliceNumber number) {
  open_slice(number).merge(figures);
  return number >= current_ - 1;
}

template <class Sums>
void HistoryOf<Sums>::merge(const HistoryOf& other) {
  merge_into(newest_, other.newest_);
  merge_into(previous_, other.previous_);
  slices_.merge(other.slices_);
  last_minute_.merge(other.last_minute_, slices_, current_);
  last_five_minutes_.merge(other.last_five_minutes_, slices_, current_);

  // At the same current slice two open minutes are the same minute, and two open quarters the same quarter.
  const auto merge_tiers = [](Tier& mine, const Tier& theirs) {
    if (theirs.open != nullptr) mine.open_number = theirs.open_number;
    merge_into(mine.open, theirs.open);
    mine.row.merge(theirs.row);
  };
  merge_tiers(minutes_, other.minutes_);
  merge_tiers(quarters_, other.quarters_);
  last_hour_.merge(other.last_hour_, minutes_.row, current_ / kSlicesPerMinute);
  last_day_.merge(other.last_day_, quarters_.row, current_ / kSlicesPerQuarter);
  merge_into(total_, other.total_);
  merge_into(retired_, other.retired_);
}

template <class Sums>
void HistoryOf<Sums>::reset() {
  if (is_empty()) return;
  for (const auto* part : {&total_, &previous_, &newest_}) merge_into(retired_, *part);
  for (auto* part : {&total_, &previous_, &newest_, &minutes_.open, &quarters_.open}) part->reset();
  for (auto* row : {&slices_, &minutes_.row, &quarters_.row}) row->clear();
  for (auto* sum : {&last_minute_, &last_five_minutes_, &last_hour_, &last_day_}) sum->clear();
}

template <class Sums>
bool HistoryOf<Sums>::is_empty() const { return total_ == nullptr && previous_ == nullptr && newest_ == nullptr; }

template <class Sums>
void HistoryOf<Sums>::add_to(Sums& figures, Window window, bool with_phases) const {
  const auto add = [&](const Sums* part) { add_part(figures, part, with_phases); };
  switch (window) {
    case Window::minute: add(last_minute_.sum()); break;
    case Window::five_minutes: add(last_five_minutes_.sum()); break;
    case Window::hour:
      add(last_hour_.sum());
      add(minutes_.open.get());
      break;
    case Window::day:
      add(last_day_.sum());
      add(quarters_.open.get());
      add(minutes_.open.get());
      break;
    case Window::all: add(total_.get()); break;
  }
  add(previous_.get());
  add(newest_.get());
}

template <class Sums>
void HistoryOf<Sums>::add_cumulative(Sums& figures, bool with_phases) const {
  add_part(figures, retired_.get(), with_phases);
  add_to(figures, Window::all, with_phases);
}

template <class Sums>
std::size_t HistoryOf<Sums>::bytes() const {
  std::size_t total = sizeof(HistoryOf);
  for (const auto* part : {&newest_, &previous_, &minutes_.open, &quarters_.open, &total_, &retired_}) {
    total += bytes_of(*part);
  }
  for (const auto* row : {&slices_, &minutes_.row, &quarters_.row}) total += row->bytes();
  for (const auto* sum : {&last_minute_, &last_five_minutes_, &last_hour_, &last_day_}) total += sum->bytes();
  return total;
}

template class HistoryOf<Figures>;
template class HistoryOf<Timing>;
template class HistoryOf<CacheCounts>;
template class HistoryOf<PersonCounts>;
template class HistoryOf<EventCount>;

}  // namespace weir::stats
