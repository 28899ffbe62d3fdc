#include <weir/stats/said.h>

#include <algorithm>

namespace weir::stats {

namespace {

/// The entry of that name in a list by name, made where there is none.
template <class Entry>
Entry& entry_of(std::vector<Entry>& list, const std::string& name) {
  const auto place =
      std::lower_bound(list.begin(), list.end(), name, [](const Entry& e, const std::string& n) { return e.name < n; });
  if (place != list.end() && place->name == name) return *place;
  return *list.insert(place, Entry{name, {}});
}

template <class Entry>
const Entry* find(const std::vector<Entry>& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Entry& entry) { return entry.name == name; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

void CacheCounts::add(CacheOutcome outcome) {
  switch (outcome) {
    case CacheOutcome::hit: ++hits; break;
    case CacheOutcome::miss: ++misses; break;
    case CacheOutcome::unknown: ++unknown; break;
  }
}

void CacheCounts::merge(const CacheCounts& other) {
  hits += other.hits;
  misses += other.misses;
  unknown += other.unknown;
}

void CacheCounts::remove_from(CacheCounts& sum) const {
  sum.hits -= hits;
  sum.misses -= misses;
  sum.unknown -= unknown;
}

void SaidFigures::merge(const SaidFigures& other) {
  for (const Component& one : other.components) entry_of(components, one.name).duration.merge(one.duration);
  for (const Layer& one : other.layers) entry_of(layers, one.name).counts.merge(one.counts);
}

void SaidFigures::remove(const SaidFigures& part) {
  const auto each = [](auto& mine, const auto& theirs, auto take_out) {
    for (const auto& one : theirs) {
      const auto found =
          std::find_if(mine.begin(), mine.end(), [&](const auto& entry) { return entry.name == one.name; });
      if (found != mine.end()) take_out(*found, one);
    }
  };
  each(components, part.components, [](Component& a, const Component& b) { a.duration.remove(b.duration); });
  each(layers, part.layers, [](Layer& a, const Layer& b) { b.counts.remove_from(a.counts); });
}

const Sketch* SaidFigures::component(std::string_view name) const {
  const Component* found = find(components, name);
  return found == nullptr ? nullptr : &found->duration;
}

const CacheCounts* SaidFigures::layer(std::string_view name) const {
  const Layer* found = find(layers, name);
  return found == nullptr ? nullptr : &found->counts;
}

}  // namespace weir::stats
