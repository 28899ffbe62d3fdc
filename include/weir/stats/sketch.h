// Hot path: no allocation once warm, no lock, no system call, no log above debug.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include <weir/base/clock.h>

namespace weir::stats {

__extension__ typedef unsigned __int128 Uint128;

/// The bucket boundaries at `Sketch::kScale`: powers of 2^(1/64) seconds, in whole nanoseconds.
namespace bounds {

/// The 64 boundaries of one octave, 1e9 * 2^(j/64) ns for j = -57..6, as 64-bit mantissas, rounded down: an integer
/// is at or below a boundary exactly when its mantissa is. The last entry lies beyond every mantissa.
inline constexpr std::array<std::uint64_t, 65> kMantissas = {
    0x80992abb83a534a2, 0x81ffa7a9549ca6e3, 0x836a0bee9d9d5401, 0x84d8626d3118d396,
    0x864ab625376b7b77, 0x87c11235836d16a3, 0x893b81dbe7ed5966, 0x8aba10758e1ea3cf,
    0x8c3cc97f4cf1aadd, 0x8dc3b8960164a7d9, 0x8f4ee976e7c8b4cc, 0x90de67fff600044c,
    0x9272403036b7aa56, 0x940a7e28259fb382, 0x95a72e2a0ca44f7c, 0x97485c9a622adb60,
    0x98ee16002855a076, 0x9a9867054d512391, 0x9c475c770cade96d, 0x9dfb034651c99c68,
    0x9fb368881b4a8811, 0xa1709975dfb06757, 0xa332a36df2fd8a6a, 0xa4f993f3ed7b61ca,
    0xa6c578b1139d848c, 0xa8965f74bf065071, 0xaa6c5634c8b04b16, 0xac476b0df43f745f,
    0xae27ac445c7dc318, 0xb00d2843e1060dc2, 0xb1f7eda09520aa93, 0xb3e80b172fd51af7,
    0xb5dd8f8d7d341ffd, 0xb7d88a12d0dd9ea0, 0xb9d909e079c5c456, 0xbbdf1e5a373ce5c6,
    0xbdead70eaf3d9b5a, 0xbffc43b7e604a922, 0xc213743bb6f64957, 0xc43078ac4ed47ae7,
    0xc6536148a749ff7d, 0xc87c3e7d03cdbec3, 0xcaab20e36fe24ee5, 0xcce019443eb56ce4,
    0xcf1b38968c2339b8, 0xd15c9000bf211c1f, 0xd3a430d90d943190, 0xd5f22ca6019743e0,
    0xd846951f0034440a, 0xdaa17c2cd19555db, 0xdd02f3ea2ab18362, 0xdf6b0ea438793a89,
    0xe1d9dedb2c86c2b2, 0xe44f7742cb56e3dd, 0xe6cbeac2fc0e04aa, 0xe94f4c7859ce1066,
    0xebd9afb4c6a18262, 0xee6b280000000000, 0xf103c91834f0f723, 0xf3a3a6f29dd0c333,
    0xf64ad5bc15bce751, 0xf8f969d9b5abf948, 0xfbaf77e97135e555, 0xfe6d14c2b5114024,
    0xffffffffffffffff};

/// For each top byte of a mantissa, how many boundaries lie below all mantissas that start with it. No byte holds
/// more than one boundary, so that one comparison finds the place.
inline constexpr std::array<std::uint8_t, 128> kBelow = [] {
  std::array<std::uint8_t, 128> below{};
  for (std::uint64_t byte = 0; byte < 128; ++byte) {
    std::uint8_t count = 0;
    while (kMantissas[count] < ((byte + 128) << 56)) ++count;
    below[byte] = count;
  }
  return below;
}();

/// The bucket of `ns` > 0: the lowest `j` with ns <= 1e9 * 2^(j/64).
constexpr int index_of(std::uint64_t ns) {
  const int zeros = std::countl_zero(ns);
  const std::uint64_t mantissa = ns << zeros;
  const std::size_t below = kBelow[(mantissa >> 56) - 128];
  const int place = static_cast<int>(below) + (mantissa > kMantissas[below] ? 1 : 0);
  return 64 * (34 - zeros) - 57 + place;
}

}  // namespace bounds

/// Quantile sketch with base-2 exponential buckets (OpenTelemetry exponential histogram, Prometheus native histogram).
/// Bucket `j` holds (b^(j-1), b^j] seconds, b = 2^(2^-kScale), as in a Prometheus native histogram of schema
/// `kScale`; OpenTelemetry calls the same bucket `j - 1`. Values go in as nanoseconds; 0 (and less) has a bucket of
/// its own. Count, sum, min and max are exact; merging is exact and commutative.
///
/// Memory: the range of buckets in use, each as narrow as the highest count allows (1, 2, 4 or 8 bytes).
/// Source: Masson, Rim, Lee, "DDSketch", VLDB 2019, for the bound; the OpenTelemetry metrics data model for the
/// buckets.
class Sketch {
 public:
  static constexpr int kScale = 6;
  /// (b-1)/(b+1): how far `quantile` may be from the value that it stands for, relative to that value.
  static constexpr double kRelativeError = 0.00541515941590256888;

  Sketch() = default;
  Sketch(const Sketch& other);
  Sketch(Sketch&& other) noexcept;
  Sketch& operator=(const Sketch& other);
  Sketch& operator=(Sketch&& other) noexcept;
  ~Sketch() = default;

  void add(std::int64_t ns) {
    ++count_;
    if (ns <= 0) [[unlikely]] {
      ++zeros_;
      min_ = 0;
      return;
    }
    const auto value = static_cast<std::uint64_t>(ns);
    sum_ += value;
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
    add_to_bucket(bounds::index_of(value));
  }

  void merge(const Sketch& other);
  /// Takes out what was merged in before. Count, sum and buckets are exact afterwards; min and max fall back to the
  /// edges of the outermost buckets where those were emptied, until `set_extremes` says better.
  void remove(const Sketch& part);
  /// The same for parts of a sketch, bucket by bucket (a packed one, say). Follow with
  /// `widen_extremes` and `settle`, respectively.
  void add_totals(std::uint64_t count, std::uint64_t zeros, Uint128 sum);
  void remove_totals(std::uint64_t count, std::uint64_t zeros, Uint128 sum);
  void add_bucket(int index, std::uint64_t count);
  void remove_bucket(int index, std::uint64_t count);
  /// Drops emptied buckets at both ends and makes min and max fit the rest.
  void settle();
  /// Makes min and max hold all buckets, for parts that came without theirs.
  void widen_extremes();
  void set_extremes(Nanos min, Nanos max);
  void clear() { *this = Sketch(); }

  bool is_empty() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }
  /// How many of `count` were 0.
  std::uint64_t zero_count() const { return zeros_; }
  Uint128 sum_ns() const { return sum_; }
  double sum_seconds() const { return static_cast<double>(sum_) * 1e-9; }
  /// Zero in an empty sketch, as all that follow.
  Nanos min() const { return Nanos(count_ == 0 ? 0 : static_cast<std::int64_t>(min_)); }
  Nanos max() const { return Nanos(static_cast<std::int64_t>(max_)); }
  double mean_seconds() const { return count_ == 0 ? 0 : sum_seconds() / static_cast<double>(count_); }
  /// Stands for the value of nearest rank, the ceil(q * count)-th smallest. It lies in the same bucket, narrowed to
  /// [min, max]; of that interval the harmonic mean of the ends is taken, the one point whose relative error is the
  /// same to both, hence at most kRelativeError. Interpolating by rank within the bucket could miss by twice that.
  Nanos quantile(double q) const;
  /// How many values were at or below `limit`, to the granularity of a bucket.
  std::uint64_t count_up_to(Nanos limit) const;

  /// `visit(index, count)` for each bucket in use, ascending, without the zero bucket. At a lower scale buckets are
  /// joined, which is exact.
  template <class Visit>
  void for_each_bucket(Visit&& visit, int scale = kScale) const {
    const int shift = kScale - scale;
    const int round_up = (1 << shift) - 1;
    std::uint64_t joined = 0;
    int current = 0;
    for_each_cell([&](int cell, std::uint64_t n) {
      const int index = (first_ + cell + round_up) >> shift;
      if (joined != 0 && index != current) {
        visit(current, joined);
        joined = 0;
      }
      current = index;
      joined += n;
    });
    if (joined != 0) visit(current, joined);
  }
  /// The inclusive upper bound of a bucket.
  static double upper_seconds(int index, int scale = kScale);

  /// What it holds beside itself.
  std::size_t heap_bytes() const { return std::size_t{size_} * width_; }

  /// The same values went in: everything exact is equal, however it is laid out.
  friend bool operator==(const Sketch& a, const Sketch& b);

 private:
  void add_to_bucket(int index) {
    const auto cell = static_cast<unsigned>(index - first_);
    if (cell < size_) [[likely]] {
      if (width_ == 1) {
        std::uint8_t& n = cells<std::uint8_t>()[cell];
        if (n != 0xFF) [[likely]] {
          ++n;
          return;
        }
      } else if (width_ == 4) {
        std::uint32_t& n = cells<std::uint32_t>()[cell];
        if (n != 0xFFFFFFFF) [[likely]] {
          ++n;
          return;
        }
      } else if (width_ == 2) {
        std::uint16_t& n = cells<std::uint16_t>()[cell];
        if (n != 0xFFFF) [[likely]] {
          ++n;
          return;
        }
      }
    }
    add_bucket(index, 1);
  }

  template <class Cell>
  Cell* cells() {
    return reinterpret_cast<Cell*>(cells_.get());
  }
  template <class Cell>
  const Cell* cells() const {
    return reinterpret_cast<const Cell*>(cells_.get());
  }
  /// `visit(cell, count)` for each that is not empty. Most are: eight bytes of nothing are passed over at once.
  template <class Visit>
  void for_each_cell(Visit&& visit) const {
    const int bits = width_ * 8;
    const int words = size_ * width_ / 8;  // whole words, for the range is a multiple of 16 cells
    for (int at = 0; at < words; ++at) {
      std::uint64_t word = word_at(at);
      while (word != 0) {
        const int place = std::countr_zero(word) / bits;
        const std::uint64_t mask = (bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1) << (place * bits);
        visit(at * 8 / width_ + place, (word & mask) >> (place * bits));
        word &= ~mask;
      }
    }
  }
  std::uint64_t word_at(int at) const {
    std::uint64_t word;
    std::memcpy(&word, cells_.get() + static_cast<std::size_t>(at) * 8, 8);
    return word;
  }
  std::uint64_t cell_at(int cell) const;
  void set_cell(int cell, std::uint64_t count);
  void cover(int lowest, int highest);
  void lay_out(int first, int size, int width);
  std::pair<int, int> used_cells() const;
  struct Edges {
    std::uint64_t low;
    std::uint64_t high;
  };
  /// Of the outermost buckets in use.
  Edges edges() const;
  void fit_extremes();

  Uint128 sum_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t zeros_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
  /// `size_` cells of `width_` bytes, the first in the lowest byte: read as words they must come in that order.
  std::unique_ptr<std::byte[]> cells_;
  static_assert(std::endian::native == std::endian::little);
  std::int16_t first_ = 0;
  std::uint16_t size_ = 0;
  std::uint8_t width_ = 1;
};

}  // namespace weir::stats
