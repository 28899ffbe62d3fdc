#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <weir/stats/sketch.h>

namespace weir::stats {

/// How many bits a number takes; 0 for 0. (libstdc++ 12 returns the argument's own type.)
constexpr int width_of(std::uint64_t value) { return static_cast<int>(std::bit_width(value)); }

/// Writes numbers bit by bit, lowest bit first, into a buffer of the caller.
class BitWriter {
 public:
  explicit BitWriter(std::vector<std::uint8_t>& out) : out_(out) { out_.clear(); }

  /// The low `width` bits of `value`, width <= 32; the bits above must be 0.
  void bits(std::uint64_t value, int width) {
    pending_ |= value << used_;
    used_ += width;
    while (used_ >= 8) {
      out_.push_back(static_cast<std::uint8_t>(pending_));
      pending_ >>= 8;
      used_ -= 8;
    }
  }
  void long_bits(std::uint64_t value, int width) {
    if (width > 32) {
      bits(value & 0xFFFFFFFF, 32);
      bits(value >> 32, width - 32);
    } else {
      bits(value, width);
    }
  }
  void unary(unsigned zeros) {
    for (; zeros >= 32; zeros -= 32) bits(0, 32);
    bits(std::uint64_t{1} << zeros, static_cast<int>(zeros) + 1);
  }
  /// Elias gamma of value + 1: one bit for 0, three for 1 and 2. For what is small as a rule.
  void small(std::uint64_t value) {
    const int width = width_of(value + 1);
    unary(static_cast<unsigned>(width - 1));
    long_bits((value + 1) & ~(std::uint64_t{1} << (width - 1)), width - 1);
  }
  /// Six bits of length, then the number: for what may have any size.
  void wide(std::uint64_t value) {
    const int width = value == 0 ? 0 : width_of(value) - 1;
    bits(static_cast<std::uint64_t>(width), 6);
    // 0 and 1 share the length 0 and are told apart by one bit more.
    if (width == 0) return bits(value, 1);
    long_bits(value & ~(std::uint64_t{1} << width), width);
  }
  void wide(Uint128 value) {
    wide(static_cast<std::uint64_t>(value));
    small(static_cast<std::uint64_t>(value >> 64));
  }
  /// Golomb-Rice with parameter `k`; far outliers fall back to `small`.
  void rice(std::uint64_t value, int k) {
    const std::uint64_t quotient = value >> k;
    if (quotient >= kRiceEscape) {
      unary(kRiceEscape);
      return small(value - (std::uint64_t{kRiceEscape} << k));
    }
    unary(static_cast<unsigned>(quotient));
    long_bits(value & ((std::uint64_t{1} << k) - 1), k);
  }
  void finish() {
    if (used_ > 0) out_.push_back(static_cast<std::uint8_t>(pending_));
    pending_ = 0;
    used_ = 0;
  }

  static constexpr unsigned kRiceEscape = 20;

 private:
  std::vector<std::uint8_t>& out_;
  std::uint64_t pending_ = 0;
  int used_ = 0;
};

/// Reads what BitWriter wrote. Only for bytes of our own: a damaged buffer is a bug, not an input.
class BitReader {
 public:
  BitReader(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  /// width <= 32
  std::uint64_t bits(int width) {
    const std::uint64_t value = peek() & ((std::uint64_t{1} << width) - 1);
    at_ += static_cast<std::size_t>(width);
    return value;
  }
  std::uint64_t long_bits(int width) {
    if (width <= 32) return bits(width);
    const std::uint64_t low = bits(32);
    return low | bits(width - 32) << 32;
  }
  unsigned unary() {
    unsigned zeros = 0;
    for (;;) {
      const auto next = static_cast<std::uint32_t>(peek());
      if (next != 0) {
        const auto run = static_cast<unsigned>(std::countr_zero(next));
        at_ += run + 1;
        return zeros + run;
      }
      zeros += 32;
      at_ += 32;
    }
  }
  std::uint64_t small() {
    const unsigned width = unary();
    return (long_bits(static_cast<int>(width)) | std::uint64_t{1} << width) - 1;
  }
  std::uint64_t wide() {
    const int width = static_cast<int>(bits(6));
    if (width == 0) return bits(1);
    return long_bits(width) | std::uint64_t{1} << width;
  }
  Uint128 wide_128() {
    const std::uint64_t low = wide();
    return low | static_cast<Uint128>(small()) << 64;
  }
  std::uint64_t rice(int k) {
    const unsigned quotient = unary();
    if (quotient == BitWriter::kRiceEscape) return small() + (std::uint64_t{BitWriter::kRiceEscape} << k);
    return std::uint64_t{quotient} << k | long_bits(k);
  }

 private:
  /// At least 57 bits from where we are; zeros beyond the end.
  std::uint64_t peek() const {
    const std::size_t byte = at_ >> 3;
    std::uint64_t word = 0;
    if (byte + 8 <= size_) [[likely]] {
      std::memcpy(&word, data_ + byte, 8);
    } else {
      for (std::size_t i = byte; i < size_; ++i) word |= std::uint64_t{data_[i]} << (8 * (i - byte));
    }
    return word >> (at_ & 7);
  }

  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

}  // namespace weir::stats
