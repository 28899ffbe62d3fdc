#include "active_count.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir::stats {

void DistinctHashes::add(std::uint64_t hash) {
  if (!registers_.empty()) return raise(hash);
  const auto place = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
  if (place != hashes_.end() && *place == hash) return;
  hashes_.insert(place, hash);
  if (hashes_.size() > kExact) go_over();
}

void DistinctHashes::go_over() {
  registers_.resize(kRegisters);
  for (const std::uint64_t hash : hashes_) raise(hash);
  hashes_ = {};
}

void DistinctHashes::raise(std::uint64_t hash) {
  std::uint8_t& held = registers_[hash % kRegisters];
  held = std::max(held, static_cast<std::uint8_t>(std::countl_zero(hash | kRegisters) + 1));
}

void DistinctHashes::merge(const DistinctHashes& other) {
  for (const std::uint64_t hash : other.hashes_) add(hash);
  if (other.registers_.empty()) return;
  if (registers_.empty()) go_over();
  for (std::size_t i = 0; i < kRegisters; ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
}

std::uint64_t DistinctHashes::value() const {
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

void ActiveCount::note(SliceNumber number, std::uint64_t hash) {
  slices_.note(number, hash);
  minutes_.note(number / kSlicesPerMinute, hash);
  quarters_.note(number / kSlicesPerQuarter, hash);
  all_.add(hash);
}

DistinctHashes ActiveCount::in(Window window, SliceNumber current) const {
  switch (window) {
    case Window::minute: return slices_.in(current, 12);
    case Window::five_minutes: return slices_.in(current, 60);
    case Window::hour: return minutes_.in(current / kSlicesPerMinute, 60);
    case Window::day: return quarters_.in(current / kSlicesPerQuarter, 96);
    case Window::all: break;
  }
  return all_;
}

std::size_t ActiveCount::bytes() const { return slices_.bytes() + minutes_.bytes() + quarters_.bytes() + all_.bytes(); }

}  // namespace weir::stats
