#include "level_history.h"

namespace weir::stats {

namespace {

void merge_level(ConcurrencyLevels& levels, std::size_t level, const Sketch& durations) {
  if (durations.is_empty()) return;
  if (levels.size() <= level) levels.resize(level + 1);
  levels[level].merge(durations);
}

}  // namespace

void add_to_levels(ConcurrencyLevels& levels, std::uint16_t concurrency, std::int64_t duration_ns) {
  const std::size_t level = level_of(concurrency);
  if (levels.size() <= level) levels.resize(level + 1);
  levels[level].add(duration_ns);
}

void merge_levels(ConcurrencyLevels& levels, const ConcurrencyLevels& other) {
  for (std::size_t i = 0; i < other.size(); ++i) merge_level(levels, i, other[i]);
}

HistoryOf<Timing>& LevelHistory::history_of(std::size_t level) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  if (levels_[level] == nullptr) {
    levels_[level] = std::make_unique<HistoryOf<Timing>>();
    levels_[level]->advance(current_);
  }
  return *levels_[level];
}

void LevelHistory::advance(SliceNumber current) {
  current_ = current;
  for (const auto& level : levels_) {
    if (level != nullptr) level->advance(current);
  }
}

void LevelHistory::add(const Record& record, SliceNumber number) {
  const std::size_t level = level_of(record.concurrency);
  if (level != 0) history_of(level).add(Nanos(record.duration_ns), number);
}

void LevelHistory::merge(const ConcurrencyLevels& levels, SliceNumber number) {
  for (std::size_t i = 1; i < levels.size(); ++i) {
    if (!levels[i].is_empty()) history_of(i).merge(Timing{levels[i]}, number);
  }
}

void LevelHistory::merge(const LevelHistory& other) {
  for (std::size_t i = 0; i < other.levels_.size(); ++i) {
    if (other.levels_[i] != nullptr) history_of(i).merge(*other.levels_[i]);
  }
}

void LevelHistory::reset() {
  for (const auto& level : levels_) {
    if (level != nullptr) level->reset();
  }
}

template <class Add>
void LevelHistory::collect(ConcurrencyLevels& levels, const Sketch& all, Add add) const {
  Sketch first = all;
  for (std::size_t i = 1; i < levels_.size(); ++i) {
    if (levels_[i] == nullptr) continue;
    Timing sum;
    add(*levels_[i], sum);
    if (sum.duration.is_empty()) continue;
    first.remove(sum.duration);
    merge_level(levels, i, sum.duration);
  }
  merge_level(levels, 0, first);
}

void LevelHistory::add_to(ConcurrencyLevels& levels, const Sketch& all, Window window) const {
  collect(levels, all, [&](const HistoryOf<Timing>& level, Timing& sum) { level.add_to(sum, window); });
}

void LevelHistory::add_cumulative(ConcurrencyLevels& levels, const Sketch& all) const {
  collect(levels, all, [](const HistoryOf<Timing>& level, Timing& sum) { level.add_cumulative(sum); });
}

std::size_t LevelHistory::bytes() const {
  std::size_t total = levels_.capacity() * sizeof(levels_[0]);
  for (const auto& level : levels_) total += level == nullptr ? 0 : level->bytes();
  return total;
}

}  // namespace weir::stats
