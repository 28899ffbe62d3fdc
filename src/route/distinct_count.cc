#include "distinct_count.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

namespace weir::route {

namespace {

/// The finisher of MurmurHash3, so that every bit counts whatever std::hash does.
std::uint64_t spread(std::uint64_t x) {
  x = (x ^ x >> 33) * 0xFF51AFD7ED558CCD;
  x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53;
  return x ^ x >> 33;
}

}  // namespace

void DistinctCount::add(std::string_view text) { add_hash(spread(std::hash<std::string_view>{}(text))); }

void DistinctCount::add_hash(std::uint64_t hash) {
  if (!registers_.empty()) {
    raise(hash);
    return;
  }
  const auto place = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
  if (place != hashes_.end() && *place == hash) return;
  hashes_.insert(place, hash);
  if (hashes_.size() > kExact) go_over();
}

void DistinctCount::go_over() {
  registers_.resize(kRegisters);
  for (const std::uint64_t hash : hashes_) raise(hash);
  hashes_ = {};
}

void DistinctCount::raise(std::uint64_t hash) {
  std::uint8_t& held = registers_[hash % kRegisters];
  const auto rank = static_cast<std::uint8_t>(std::countl_zero(hash | kRegisters) + 1);
  held = std::max(held, rank);
}

void DistinctCount::merge(const DistinctCount& other) {
  for (const std::uint64_t hash : other.hashes_) add_hash(hash);
  if (other.registers_.empty()) return;
  if (registers_.empty()) go_over();
  for (std::size_t i = 0; i < kRegisters; ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
}

std::uint64_t DistinctCount::value() const {
  if (registers_.empty()) return hashes_.size();
  constexpr double kCount = kRegisters;
  double sum = 0;
  double zeros = 0;
  for (const std::uint8_t held : registers_) {
    sum += std::ldexp(1.0, -held);
    if (held == 0) ++zeros;
  }
  const double estimate = 0.7213 / (1 + 1.079 / kCount) * kCount * kCount / sum;
  if (estimate <= 2.5 * kCount && zeros > 0) return static_cast<std::uint64_t>(kCount * std::log(kCount / zeros) + 0.5);
  return static_cast<std::uint64_t>(estimate + 0.5);
}

}  // namespace weir::route
