#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include <weir/stats/sketch.h>

namespace weir::stats {

/// The keys of the greatest weight in a stream, in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi,
/// "Efficient computation of frequent and top-k elements in data streams", ICDT 2005), with weights. A key that is not
/// held has at most `bound()`; so every key of more than a `limit`th of all weight is held.
class HeavyHitters {
 public:
  explicit HeavyHitters(std::size_t limit) : limit_(limit) {}

  /// The key that had to make room, where one had to.
  std::optional<std::uint64_t> add(std::uint64_t key, Uint128 weight);
  bool holds(std::uint64_t key) const { return places_.contains(key); }
  Uint128 bound() const { return heap_.size() < limit_ ? 0 : heap_.front().weight; }
  void clear();

 private:
  struct Entry {
    std::uint64_t key;
    Uint128 weight;
  };

  void put(std::size_t place, Entry entry);
  void sink(std::size_t place);
  void rise(std::size_t place);

  std::size_t limit_;
  std::vector<Entry> heap_;  ///< the lightest first
  std::unordered_map<std::uint64_t, std::size_t> places_;
};

}  // namespace weir::stats
