#include "said_history.h"

#include <algorithm>

namespace weir::stats {

std::uint32_t NameList::id_of(std::string_view name) {
  if (name.empty() || name.size() > kMaxSaidName) return 0;
  const auto found = std::find(names_.begin() + 1, names_.end(), name);
  if (found != names_.end()) return static_cast<std::uint32_t>(found - names_.begin());
  if (names_.size() > limit_) return 0;
  names_.emplace_back(name);
  return static_cast<std::uint32_t>(names_.size() - 1);
}

template <class Sums>
HistoryOf<Sums>& SaidHistory::history_of(List<Sums>& list, std::uint32_t id) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry->id == id; });
  if (found != list.end()) return (*found)->history;
  list.push_back(std::make_unique<Entry<Sums>>());
  list.back()->id = id;
  list.back()->history.advance(current_);
  return list.back()->history;
}

void SaidHistory::advance(SliceNumber current) {
  current_ = current;
  for (const auto& entry : components_) entry->history.advance(current);
  for (const auto& entry : layers_) entry->history.advance(current);
}

void SaidHistory::add(const Said& said, SaidNames& names, SliceNumber number) {
  for (const Said::Component& one : said.components) {
    history_of(components_, names.components.id_of(one.name)).add(one.duration, number);
  }
  for (const Said::Layer& one : said.layers) {
    history_of(layers_, names.layers.id_of(one.name)).add(one.outcome, number);
  }
}

template <class Sums>
void SaidHistory::merge_lists(List<Sums>& mine, const List<Sums>& theirs) {
  for (const auto& entry : theirs) history_of(mine, entry->id).merge(entry->history);
}

void SaidHistory::merge(const SaidHistory& other) {
  merge_lists(components_, other.components_);
  merge_lists(layers_, other.layers_);
}

void SaidHistory::reset() {
  for (const auto& entry : components_) entry->history.reset();
  for (const auto& entry : layers_) entry->history.reset();
}

void SaidHistory::add_to(SaidFigures& figures, const SaidNames& names, Window window) const {
  SaidFigures mine;
  for (const auto& entry : components_) {
    if (entry->history.is_empty()) continue;
    Timing sum;
    entry->history.add_to(sum, window);
    if (sum.duration.is_empty()) continue;
    mine.components.push_back({names.components.name(entry->id), std::move(sum.duration)});
  }
  for (const auto& entry : layers_) {
    if (entry->history.is_empty()) continue;
    CacheCounts sum;
    entry->history.add_to(sum, window);
    if (sum != CacheCounts()) mine.layers.push_back({names.layers.name(entry->id), sum});
  }
  figures.merge(mine);
}

void SaidHistory::add_cumulative(SaidFigures& figures, const SaidNames& names) const {
  SaidFigures mine;
  for (const auto& entry : components_) {
    Timing sum;
    entry->history.add_cumulative(sum);
    mine.components.push_back({names.components.name(entry->id), std::move(sum.duration)});
  }
  for (const auto& entry : layers_) {
    CacheCounts sum;
    entry->history.add_cumulative(sum);
    mine.layers.push_back({names.layers.name(entry->id), sum});
  }
  figures.merge(mine);
}

std::size_t SaidHistory::bytes() const {
  std::size_t total = 0;
  for (const auto& entry : components_) total += sizeof(*entry) - sizeof(entry->history) + entry->history.bytes();
  for (const auto& entry : layers_) total += sizeof(*entry) - sizeof(entry->history) + entry->history.bytes();
  return total;
}

}  // namespace weir::stats
