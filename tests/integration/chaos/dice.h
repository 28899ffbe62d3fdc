#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace weir::chaos {

/// The one source of chance of an episode, so that a seed says it all (splitmix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t count) { return count == 0 ? 0 : next() % count; }
  /// Both ends included.
  std::size_t between(std::size_t low, std::size_t high) { return low + below(high - low + 1); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  bool percent(std::size_t chance) { return below(100) < chance; }
  template <class T>
  T pick(std::initializer_list<T> choices) {
    return *(choices.begin() + below(choices.size()));
  }
  /// The index of one of `weights`, with that probability.
  std::size_t weighted(std::initializer_list<unsigned> weights) {
    std::size_t total = 0;
    for (const unsigned weight : weights) total += weight;
    std::size_t ticket = below(total);
    std::size_t index = 0;
    for (const unsigned weight : weights) {
      if (ticket < weight) break;
      ticket -= weight;
      ++index;
    }
    return index;
  }

 private:
  std::uint64_t state_;
};

}  // namespace weir::chaos
