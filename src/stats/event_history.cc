#include "event_history.h"

#include <algorithm>
#include <cmath>

namespace weir::stats {

EventHistory::EventHistory(EventKind kind, SliceNumber current) : current_(current) {
  switch (kind) {
    case EventKind::counter: break;
    case EventKind::timing:
    case EventKind::distribution: values_ = std::make_unique<Values>(); break;
    case EventKind::gauge: levels_ = std::make_unique<LevelRings>(); break;
    case EventKind::set: members_ = std::make_unique<ActiveCount>(); break;
  }
  advance(current);
}

void EventHistory::advance(SliceNumber current) {
  current_ = current;
  counts_.advance(current);
  if (values_ != nullptr) values_->advance(current);
  if (below_zero_ != nullptr) below_zero_->advance(current);
}

void EventHistory::add(const Event& event, SliceNumber number) {
  number = std::max(number, current_ - 1);
  if (values_ != nullptr) return add_value(event, number);
  if (levels_ != nullptr) {
    level_ = event.is_delta ? std::clamp(level_ + event.amount, -Event::kLargest, Event::kLargest) : event.amount;
    has_level_ = true;
    levels_->add(number, level_);
  } else if (members_ != nullptr) {
    members_->add(number, distinct_hash(event.member));
  } else {
    counts_.add(event.amount / event.sample_rate, number);
    return;
  }
  counts_.add(1.0, number);
}

/// A sampled value stands for 1 / rate of them; only whole ones can be counted, the rest is made up for by later ones.
void EventHistory::add_value(const Event& event, SliceNumber number) {
  const double times = 1 / event.sample_rate + owed_;
  owed_ = times - std::floor(times);
  const Nanos value(std::llround(event.amount * 1e9));
  if (value < Nanos(0) && below_zero_ == nullptr) {
    below_zero_ = std::make_unique<Values>();
    below_zero_->advance(current_);
  }
  Values& side = value < Nanos(0) ? *below_zero_ : *values_;
  side.add(Repeated{std::chrono::abs(value), static_cast<std::uint64_t>(times)}, number);
}

void EventHistory::reset() {
  counts_.reset();
  if (values_ != nullptr) values_->reset();
  if (below_zero_ != nullptr) below_zero_->reset();
  if (levels_ != nullptr) *levels_ = {};
  if (members_ != nullptr) *members_ = {};
}

bool EventHistory::is_empty() const {
  // A gauge stands where it stood, whatever was reset.
  if (levels_ != nullptr) return !has_level_;
  return counts_.is_empty() && (values_ == nullptr || values_->is_empty()) &&
         (below_zero_ == nullptr || below_zero_->is_empty());
}

void EventHistory::write(EventFigures& figures, Window window) const {
  counts_.add_to(figures.count, window);
  if (values_ != nullptr) {
    Timing sum;
    values_->add_to(sum, window);
    figures.values = std::move(sum.duration);
  }
  if (below_zero_ != nullptr) {
    Timing sum;
    below_zero_->add_to(sum, window);
    figures.below_zero = std::move(sum.duration);
  }
  figures.level = level_;
  if (levels_ != nullptr) figures.levels = levels_->in(window, current_);
  if (members_ != nullptr) figures.members = members_->in(window, current_);
}

void EventHistory::write_cumulative(EventFigures& figures) const {
  counts_.add_cumulative(figures.count);
  if (values_ != nullptr) {
    Timing sum;
    values_->add_cumulative(sum);
    figures.values = std::move(sum.duration);
  }
  if (below_zero_ != nullptr) {
    Timing sum;
    below_zero_->add_cumulative(sum);
    figures.below_zero = std::move(sum.duration);
  }
  figures.level = level_;
}

ActiveCounts EventHistory::members() const {
  ActiveCounts counts{};
  if (members_ == nullptr) return counts;
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = members_->in(static_cast<Window>(i), current_).value();
  return counts;
}

std::size_t EventHistory::bytes() const {
  std::size_t total = sizeof(*this) - sizeof(counts_) + counts_.bytes();
  if (values_ != nullptr) total += values_->bytes();
  if (below_zero_ != nullptr) total += below_zero_->bytes();
  if (levels_ != nullptr) total += levels_->bytes();
  if (members_ != nullptr) total += members_->bytes();
  return total;
}

}  // namespace weir::stats
