#include "course_builder.h"

#include <algorithm>
#include <utility>

namespace weir::stats {

namespace {

/// The window's length in slices of its own row; see History.
SliceNumber span_of(SliceNumber grain, Window window) {
  if (window == Window::minute) return 12;
  return grain == kSlicesPerQuarter ? 96 : 60;
}

void merge_into(Figures& sum, const Figures& part) { sum.merge_without_phases(part); }
void merge_into(Figures& sum, const PackedFigures& part) { part.add_counts_and_duration_to(sum); }

}  // namespace

CourseBuilder::CourseBuilder(Window window, const Setting& setting, CourseMemory* memory)
    : window_(window),
      at_(setting),
      memory_(memory),
      range_(window_range(grain_for(window, setting.now.clock - setting.since))),
      before_(range_before()) {}

/// Of everything since the start, the finest slices that reach back to it.
SliceNumber CourseBuilder::grain_for(Window window, Nanos age) {
  switch (window) {
    case Window::minute:
    case Window::five_minutes: return 1;
    case Window::hour: return kSlicesPerMinute;
    case Window::day: return kSlicesPerQuarter;
    case Window::all: break;
  }
  if (age <= 5min) return 1;
  return age <= 1h ? kSlicesPerMinute : kSlicesPerQuarter;
}

CourseBuilder::Range CourseBuilder::window_range(SliceNumber grain) const {
  const SliceNumber newest = at_.current / grain;
  const SliceNumber first = std::max<SliceNumber>(0, newest - span_of(grain, window_));
  return make_range(grain, first, newest + 1);
}

CourseBuilder::Range CourseBuilder::make_range(SliceNumber grain, SliceNumber first, SliceNumber end) const {
  const auto size = static_cast<std::size_t>(end - first);
  Range range{grain, first, std::vector<Figures>(size), std::vector<bool>(size)};
  if (memory_ == nullptr) return range;
  for (std::size_t i = 0; i < size; ++i) {
    const PackedFigures* remembered = memory_->find(grain, first + static_cast<SliceNumber>(i));
    if (remembered == nullptr) continue;
    remembered->add_counts_and_duration_to(range.slices[i]);
    range.is_remembered[i] = true;
  }
  return range;
}

std::optional<CourseBuilder::Range> CourseBuilder::range_before() const {
  const auto ending_before_window = [&](SliceNumber grain, SliceNumber count) -> std::optional<Range> {
    const SliceNumber end = range_.first * range_.grain / grain;
    if (end < count || begin_of((end - count) * grain) < at_.since) return std::nullopt;
    return make_range(grain, end - count, end);
  };
  switch (window_) {
    case Window::minute: return ending_before_window(1, 12);
    case Window::five_minutes: return ending_before_window(kSlicesPerMinute, 5);
    case Window::hour: return ending_before_window(kSlicesPerQuarter, 4);
    default: return std::nullopt;
  }
}

void CourseBuilder::add(const History& history) {
  add_range(range_, history);
  if (before_) add_range(*before_, history);
  if (window_ == Window::all) history.add_to(total_, Window::all, false);
}

void CourseBuilder::add_range(Range& range, const History& history) {
  history.for_each_part(range.grain, [&](SliceNumber number, const auto& part) {
    if (number < range.first || number >= range.end()) return;
    const auto place = static_cast<std::size_t>(number - range.first);
    if (!range.is_remembered[place]) merge_into(range.slices[place], part);
  });
}

/// Only what is closed, and so changes no more.
void CourseBuilder::remember(const Range& range) const {
  for (SliceNumber number = range.first; number < range.end() && (number + 1) * range.grain < at_.current; ++number) {
    memory_->keep(range.grain, number, range.slices[static_cast<std::size_t>(number - range.first)]);
  }
}

Course CourseBuilder::finish(const Peaks* peaks) {
  if (memory_ != nullptr) {
    remember(range_);
    if (before_) remember(*before_);
    memory_->advance(at_.current);
  }
  Course course;
  course.window = window_;
  course.as_of = at_.now;
  course.since = wall_at(at_.since);
  course.step = range_.grain * kSlice;
  course.has_in_flight = peaks != nullptr;
  const TimePoint from = begin_of(range_.first * range_.grain);
  course.from = wall_at(from);
  for (std::size_t i = 0; i < range_.slices.size(); ++i) {
    const SliceNumber number = range_.first + static_cast<SliceNumber>(i);
    Figures& figures = range_.slices[i];
    if (window_ != Window::all) total_.merge_without_phases(figures);
    const std::uint32_t highest = peaks == nullptr ? 0 : peaks->highest_in(range_.grain, number);
    if (figures.is_empty() && highest == 0) continue;
    CourseSlice slice{stretch(begin_of(number * range_.grain), begin_of((number + 1) * range_.grain)), highest};
    slice.stretch.figures = std::move(figures);
    course.slices.push_back(std::move(slice));
  }
  course.current = stretch(window_ == Window::all ? at_.since : from, at_.now.clock);
  course.current.figures = std::move(total_);
  if (before_) {
    course.before = stretch(begin_of(before_->first * before_->grain), begin_of(before_->end() * before_->grain));
    for (const Figures& figures : before_->slices) course.before->figures.merge_without_phases(figures);
  }
  return course;
}

WallTime CourseBuilder::wall_at(TimePoint time) const {
  return at_.now.wall - std::chrono::duration_cast<WallTime::duration>(at_.now.clock - time);
}

/// What of it lies between the epoch's begin and now.
Stretch CourseBuilder::stretch(TimePoint from, TimePoint to) const {
  from = std::max(from, at_.since);
  return {wall_at(from), std::max(Nanos(0), Nanos(std::min(to, at_.now.clock) - from)), {}};
}

}  // namespace weir::stats
