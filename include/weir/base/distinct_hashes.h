#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numbers>
#include <string_view>
#include <vector>

namespace weir {

/// What `DistinctHashes` takes: every bit counts. Eight bytes a step; the last ones overlap those before.
/// Hot path: no allocation, no call.
inline std::uint64_t distinct_hash(std::string_view text) {
  const auto mixed = [](std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15;
    return hash ^ hash >> 32;
  };
  const auto load = [&]<class Word>(Word word, std::size_t at) {
    std::memcpy(&word, text.data() + at, sizeof word);
    return std::uint64_t{word};
  };
  std::uint64_t x = text.size();
  if (text.size() >= 8) {
    for (std::size_t at = 0; at + 8 < text.size(); at += 8) x = mixed(x, load(std::uint64_t{}, at));
    x = mixed(x, load(std::uint64_t{}, text.size() - 8));
  } else if (text.size() >= 4) {
    x = mixed(x, load(std::uint32_t{}, 0) << 32 | load(std::uint32_t{}, text.size() - 4));
  } else {
    for (std::size_t at = 0; at < text.size(); ++at) x = mixed(x, load(std::uint8_t{}, at));
  }
  // The finisher of MurmurHash3.
  x = (x ^ x >> 33) * 0xFF51AFD7ED558CCD;
  x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53;
  return x ^ x >> 33;
}

/// How many different hashes there were: exact up to `kExactUpTo`, then HyperLogLog (Flajolet and others, 2007) with
/// `kRegisters` registers, a power of two: standard error 1.04 / sqrt(kRegisters), a byte each. The estimator is the improved
/// one of Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6: without bias from
/// the first hash on, so that there is no range where it switches. Merging is exact: as if one had seen both.
template <std::size_t kExactUpTo, std::size_t kRegisters>
class DistinctHashes {
 public:
  static constexpr std::size_t kExact = kExactUpTo;

  void add(std::uint64_t hash) {
    if (!registers_.empty()) {
      raise(hash);
      return;
    }
    const auto place = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
    if (place != hashes_.end() && *place == hash) return;
    hashes_.insert(place, hash);
    if (hashes_.size() > kExact) go_over();
  }

  void merge(const DistinctHashes& other) {
    for (const std::uint64_t hash : other.hashes_) add(hash);
    if (other.registers_.empty()) return;
    if (registers_.empty()) go_over();
    for (std::size_t i = 0; i < kRegisters; ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
  }

  std::uint64_t value() const {
    if (registers_.empty()) return hashes_.size();
    constexpr double kCount = kRegisters;
    std::array<std::uint32_t, kHighest + 1> held{};  // how many registers hold which value
    for (const std::uint8_t value : registers_) ++held[value];
    double z = kCount * tau(1 - held[kHighest] / kCount);
    for (int value = kHighest - 1; value >= 1; --value) z = 0.5 * (z + held[static_cast<std::size_t>(value)]);
    z += kCount * sigma(held[0] / kCount);
    return static_cast<std::uint64_t>(std::llround(kCount * kCount / (2 * std::numbers::ln2 * z)));
  }

  bool is_exact() const { return registers_.empty(); }
  std::size_t bytes() const { return hashes_.capacity() * sizeof(std::uint64_t) + registers_.capacity(); }

 private:
  /// The bits above those that choose the register, the lowest of them a sentinel: see raise.
  static constexpr int kHighest = 64 - std::countr_zero(kRegisters);

  /// x + sum of x^(2^k) 2^(k-1) for k from 1
  static double sigma(double x) {
    if (x == 1) return std::numeric_limits<double>::infinity();
    double sum = x;
    for (double weight = 1, before = -1; sum != before; weight += weight) {
      x *= x;
      before = sum;
      sum += x * weight;
    }
    return sum;
  }
  /// (1 - x - sum of (1 - x^(2^-k))^2 2^-k for k from 1) / 3
  static double tau(double x) {
    if (x == 0 || x == 1) return 0;
    double sum = 1 - x;
    for (double weight = 1, before = -1; sum != before;) {
      x = std::sqrt(x);
      before = sum;
      weight *= 0.5;
      sum -= (1 - x) * (1 - x) * weight;
    }
    return sum / 3;
  }

  void raise(std::uint64_t hash) {
    std::uint8_t& held = registers_[hash % kRegisters];
    held = std::max(held, static_cast<std::uint8_t>(std::countl_zero(hash | kRegisters) + 1));
  }

  void go_over() {
    registers_.resize(kRegisters);
    for (const std::uint64_t hash : hashes_) raise(hash);
    hashes_ = {};
  }

  std::vector<std::uint64_t> hashes_;  ///< sorted; empty once there are registers
  std::vector<std::uint8_t> registers_;
};

}  // namespace weir
