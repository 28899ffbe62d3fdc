#include "heavy_hitters.h"

namespace weir::stats {

std::optional<std::uint64_t> HeavyHitters::add(std::uint64_t key, Uint128 weight) {
  if (weight == 0) return std::nullopt;
  const auto found = places_.find(key);
  if (found != places_.end()) {
    heap_[found->second].weight += weight;
    sink(found->second);
    return std::nullopt;
  }
  if (heap_.size() < limit_) {
    heap_.push_back({key, weight});
    places_[key] = heap_.size() - 1;
    rise(heap_.size() - 1);
    return std::nullopt;
  }
  const Entry lightest = heap_.front();
  places_.erase(lightest.key);
  put(0, {key, lightest.weight + weight});
  sink(0);
  return lightest.key;
}

void HeavyHitters::put(std::size_t place, Entry entry) {
  heap_[place] = entry;
  places_[entry.key] = place;
}

void HeavyHitters::sink(std::size_t place) {
  const Entry entry = heap_[place];
  while (true) {
    std::size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].weight < heap_[child].weight) ++child;
    if (heap_[child].weight >= entry.weight) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, entry);
}

void HeavyHitters::rise(std::size_t place) {
  const Entry entry = heap_[place];
  while (place > 0 && heap_[(place - 1) / 2].weight > entry.weight) {
    put(place, heap_[(place - 1) / 2]);
    place = (place - 1) / 2;
  }
  put(place, entry);
}

void HeavyHitters::clear() {
  heap_.clear();
  places_.clear();
}

}  // namespace weir::stats
