#pragma once

#include <array>
#include <cstdint>

namespace weir::proxy {

/// Keeps retries from making an overload worse: in a worker's last ten seconds they may be a fifth of its requests, and
/// ten in any case. HOT PATH: `note_request` is one increment.
class RetryBudget {
 public:
  static constexpr std::uint32_t kAlways = 10;
  static constexpr std::uint32_t kPercent = 20;
  /// How many steps of `step` make up the ten seconds.
  static constexpr std::uint32_t kSteps = 40;

  void note_request() { ++requests_; }
  /// Takes one retry out of the budget; false: there is none left.
  bool take() {
    if (taken_ >= allowed()) return false;
    ++taken_;
    return true;
  }

  /// A quarter of a second has gone by.
  void step();

 private:
  struct Slice {
    std::uint32_t requests = 0;
    std::uint32_t taken = 0;
  };

  std::uint64_t allowed() const {
    const std::uint64_t share = std::uint64_t{requests_} * kPercent / 100;
    return share > kAlways ? share : kAlways;
  }

  std::uint32_t requests_ = 0;  ///< of all slices and since the last step
  std::uint32_t taken_ = 0;
  std::uint32_t requests_before_ = 0;  ///< as of the last step
  std::uint32_t taken_before_ = 0;
  std::array<Slice, kSteps> slices_{};
  std::uint32_t oldest_ = 0;
};

}  // namespace weir::proxy
