#pragma once

#include <atomic>
#include <cstdint>
#include <deque>

namespace weir::proxy {

/// How many exchanges each worker has under way, written by itself alone and read by the others now and then: a cache
/// line each, so that writing costs a plain store.
class InFlightBoard {
 public:
  /// A worker's own place. All join before the threads start.
  std::atomic<std::uint32_t>& join() { return places_.emplace_back().count; }

  /// Of all workers, each as it was a moment ago.
  std::uint32_t total() const {
    std::uint32_t sum = 0;
    // Relaxed: for people to read.
    for (const Place& place : places_) sum += place.count.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  struct alignas(64) Place {
    std::atomic<std::uint32_t> count{0};
  };
  std::deque<Place> places_;  ///< which do not move
};

}  // namespace weir::proxy
