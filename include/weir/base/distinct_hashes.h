#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
/// `kRegisters` registers, a power of two: standard error 1.04 / sqrt(kRegisters), a byte each. Merging is exact: as if
/// one had seen both.
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
    double sum = 0;
    double zeros = 0;
    for (const std::uint8_t held : registers_) {
      sum += std::ldexp(1.0, -held);
      if (held == 0) ++zeros;
    }
    const double estimate = 0.7213 / (1 + 1.079 / kCount) * kCount * kCount / sum;
    const bool is_small = estimate <= 2.5 * kCount && zeros > 0;
    return static_cast<std::uint64_t>(std::llround(is_small ? kCount * std::log(kCount / zeros) : estimate));
  }

  bool is_exact() const { return registers_.empty(); }
  std::size_t bytes() const { return hashes_.capacity() * sizeof(std::uint64_t) + registers_.capacity(); }

 private:
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
