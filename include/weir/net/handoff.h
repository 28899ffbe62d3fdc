#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace weir::net {

/// Passes a `Load` from one producer thread to one consumer thread and back, without a lock and without waiting:
/// two of them, one being filled, one on its way or being read. `T` needs nothing but a default constructor.
///
/// Producer: `filling()`, `give()`. Consumer: `take()`, `done()`.
template <class T>
class Handoff {
 public:
  /// Producer. The one being filled; never null.
  T& filling() { return loads_[filling_]; }

  /// Producer. Swaps the filled one for the empty one. False, and nothing changed, while the consumer still has the
  /// other: go on filling.
  bool give() {
    // Acquire: what the consumer did to the emptied load happened before we fill it again.
    if (given_.load(std::memory_order_acquire) != kNone) return false;
    const std::size_t full = filling_;
    filling_ = 1 - filling_;
    // Release: what we wrote into the load is there for the consumer that sees the index.
    given_.store(full, std::memory_order_release);
    return true;
  }

  /// Consumer. The load given last, or null. Call `done()` when through with it.
  T* take() {
    const std::size_t index = given_.load(std::memory_order_acquire);
    return index == kNone ? nullptr : &loads_[index];
  }

  /// Consumer. Returns the load, which the consumer has emptied.
  void done() { given_.store(kNone, std::memory_order_release); }

 private:
  static constexpr std::size_t kNone = 2;

  std::array<T, 2> loads_;
  std::size_t filling_ = 0;
  std::atomic<std::size_t> given_{kNone};
};

}  // namespace weir::net
