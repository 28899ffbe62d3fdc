#include <weir/stats/sketch.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace weir::stats {

namespace {

/// The highest whole nanosecond at or below the upper bound of bucket `index`.
std::uint64_t edge_ns(int index) {
  const int place = index + 57;
  const int octave = place >> 6;
  const int shift = 34 - octave;
  if (shift < 0) return UINT64_MAX;
  if (shift > 63) return 0;
  return bounds::kMantissas[static_cast<std::size_t>(place & 63)] >> shift;
}

constexpr int width_for(std::uint64_t count) {
  return count <= 0xFF ? 1 : count <= 0xFFFF ? 2 : count <= 0xFFFFFFFF ? 4 : 8;
}

/// `call` with the address as that of the cell type that `width` names. Cells are only ever touched as that type, or
/// copied as bytes.
template <class Call>
auto with_cells(std::byte* cells, int width, Call&& call) {
  switch (width) {
    case 1: return call(reinterpret_cast<std::uint8_t*>(cells));
    case 2: return call(reinterpret_cast<std::uint16_t*>(cells));
    case 4: return call(reinterpret_cast<std::uint32_t*>(cells));
    default: return call(reinterpret_cast<std::uint64_t*>(cells));
  }
}

}  // namespace

Sketch::Sketch(const Sketch& other)
    : sum_(other.sum_), count_(other.count_), zeros_(other.zeros_), min_(other.min_), max_(other.max_),
      first_(other.first_), size_(other.size_), width_(other.width_) {
  if (size_ == 0) return;
  cells_ = std::make_unique_for_overwrite<std::byte[]>(heap_bytes());
  std::memcpy(cells_.get(), other.cells_.get(), heap_bytes());
}

Sketch::Sketch(Sketch&& other) noexcept { *this = std::move(other); }

Sketch& Sketch::operator=(const Sketch& other) {
  if (this != &other) *this = Sketch(other);
  return *this;
}

Sketch& Sketch::operator=(Sketch&& other) noexcept {
  if (this == &other) return *this;
  sum_ = std::exchange(other.sum_, 0);
  count_ = std::exchange(other.count_, 0);
  zeros_ = std::exchange(other.zeros_, 0);
  min_ = std::exchange(other.min_, UINT64_MAX);
  max_ = std::exchange(other.max_, 0);
  cells_ = std::move(other.cells_);
  first_ = std::exchange(other.first_, std::int16_t{0});
  size_ = std::exchange(other.size_, std::uint16_t{0});
  width_ = std::exchange(other.width_, std::uint8_t{1});
  return *this;
}

std::uint64_t Sketch::cell_at(int cell) const {
  return with_cells(cells_.get(), width_, [cell](const auto* cells) { return std::uint64_t{cells[cell]}; });
}

void Sketch::set_cell(int cell, std::uint64_t count) {
  with_cells(cells_.get(), width_, [cell, count](auto* cells) {
    cells[cell] = static_cast<std::remove_reference_t<decltype(*cells)>>(count);
  });
}

/// Moves what it holds to a new range of cells, of a new width. Cells outside the new range must be empty.
void Sketch::lay_out(int first, int size, int width) {
  auto fresh = std::make_unique<std::byte[]>(static_cast<std::size_t>(size) * width);
  with_cells(fresh.get(), width, [&](auto* target) {
    for_each_cell([&](int cell, std::uint64_t count) {
      target[first_ + cell - first] = static_cast<std::remove_reference_t<decltype(*target)>>(count);
    });
  });
  cells_ = std::move(fresh);
  first_ = static_cast<std::int16_t>(first);
  size_ = static_cast<std::uint16_t>(size);
  width_ = static_cast<std::uint8_t>(width);
}

/// Makes room for the buckets `lowest` to `highest`, in steps of 16 so that a stream of new values seldom moves it.
void Sketch::cover(int lowest, int highest) {
  if (size_ != 0 && lowest >= first_ && highest < first_ + size_) return;
  if (size_ != 0) {
    lowest = std::min<int>(lowest, first_);
    highest = std::max<int>(highest, first_ + size_ - 1);
  }
  const int first = lowest & ~15;
  lay_out(first, (highest | 15) + 1 - first, width_);
}

void Sketch::add_bucket(int index, std::uint64_t count) {
  cover(index, index);
  const std::uint64_t total = cell_at(index - first_) + count;
  if (width_for(total) > width_) lay_out(first_, size_, width_for(total));
  set_cell(index - first_, total);
}

void Sketch::remove_bucket(int index, std::uint64_t count) {
  set_cell(index - first_, cell_at(index - first_) - count);
}

void Sketch::add_totals(std::uint64_t count, std::uint64_t zeros, Uint128 sum) {
  count_ += count;
  zeros_ += zeros;
  sum_ += sum;
}

void Sketch::remove_totals(std::uint64_t count, std::uint64_t zeros, Uint128 sum) {
  count_ -= count;
  zeros_ -= zeros;
  sum_ -= sum;
}

void Sketch::merge(const Sketch& other) {
  if (other.count_ == 0) return;
  add_totals(other.count_, other.zeros_, other.sum_);
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  if (other.size_ == 0) return;
  cover(other.first_, other.first_ + other.size_ - 1);
  if (other.count_ < other.size_ / 4u) {
    other.for_each_cell([&](int cell, std::uint64_t count) { add_bucket(other.first_ + cell, count); });
    return;
  }
  const int shift = other.first_ - first_;
  // All sums or-ed together are as many bits wide as the highest of them: enough to choose the width of a cell.
  const std::uint64_t all_bits = with_cells(cells_.get(), width_, [&](const auto* mine) {
    return with_cells(other.cells_.get(), other.width_, [&](const auto* theirs) {
      std::uint64_t bits = 0;
      for (int i = 0; i < other.size_; ++i) bits |= std::uint64_t{mine[i + shift]} + theirs[i];
      return bits;
    });
  });
  if (width_for(all_bits) > width_) lay_out(first_, size_, width_for(all_bits));
  with_cells(cells_.get(), width_, [&](auto* mine) {
    with_cells(other.cells_.get(), other.width_, [&](const auto* theirs) {
      using Cell = std::remove_reference_t<decltype(*mine)>;
      for (int i = 0; i < other.size_; ++i) mine[i + shift] = static_cast<Cell>(mine[i + shift] + theirs[i]);
    });
  });
}

void Sketch::remove(const Sketch& part) {
  remove_totals(part.count_, part.zeros_, part.sum_);
  part.for_each_bucket([this](int index, std::uint64_t count) { remove_bucket(index, count); });
  settle();
}

void Sketch::settle() {
  if (count_ == 0) return clear();
  const auto [lowest, highest] = used_cells();
  if (lowest > highest) {
    cells_.reset();
    size_ = 0;
  } else {
    const int first = (first_ + lowest) & ~15;
    const int size = ((first_ + highest) | 15) + 1 - first;
    // No bucket holds more than all of them: a cheap reason to go back to narrow cells.
    const int width = std::min<int>(width_, width_for(count_));
    if (size < size_ || width < width_) lay_out(first, size, width);
  }
  fit_extremes();
}

/// The first and last cell that is not empty; {0, -1} where all are.
std::pair<int, int> Sketch::used_cells() const {
  const int cells_in_word = 8 / width_;
  int low = 0;
  int high = size_ / cells_in_word - 1;
  while (low <= high && word_at(low) == 0) ++low;
  while (high >= low && word_at(high) == 0) --high;
  if (low > high) return {0, -1};
  const int bits = width_ * 8;
  return {low * cells_in_word + std::countr_zero(word_at(low)) / bits,
          high * cells_in_word + (63 - std::countl_zero(word_at(high))) / bits};
}

Sketch::Edges Sketch::edges() const {
  const auto [lowest, highest] = used_cells();
  if (lowest > highest) return {0, 0};
  return {zeros_ != 0 ? 0 : edge_ns(first_ + lowest - 1) + 1, edge_ns(first_ + highest)};
}

void Sketch::fit_extremes() {
  const Edges outer = edges();
  min_ = zeros_ != 0 ? 0 : std::max(min_, outer.low);
  max_ = std::min(max_, outer.high);
}

void Sketch::widen_extremes() {
  const Edges outer = edges();
  min_ = std::min(min_, outer.low);
  max_ = std::max(max_, outer.high);
}

void Sketch::set_extremes(Nanos min, Nanos max) {
  min_ = static_cast<std::uint64_t>(min.count());
  max_ = static_cast<std::uint64_t>(max.count());
}

Nanos Sketch::quantile(double q) const {
  if (count_ == 0) return Nanos(0);
  if (q <= 0) return min();
  // 0.07 * 100 is a little more than 7 in floating point: that must not become rank 8.
  const double exact = std::ceil(q * static_cast<double>(count_) * (1 - 1e-12));
  const std::uint64_t rank =
      exact >= static_cast<double>(count_) ? count_ : static_cast<std::uint64_t>(std::max(exact, 1.0));
  if (rank == count_) return max();
  if (rank <= zeros_) return Nanos(0);
  std::uint64_t seen = zeros_;
  for (int cell = 0; cell < size_; ++cell) {
    seen += cell_at(cell);
    if (seen < rank) continue;
    const auto low = static_cast<double>(std::max(min_, edge_ns(first_ + cell - 1) + 1));
    const auto high = static_cast<double>(std::min(max_, edge_ns(first_ + cell)));
    return Nanos(std::llround(2 * low * high / (low + high)));
  }
  return max();
}

std::uint64_t Sketch::count_up_to(Nanos limit) const {
  if (limit.count() < 0) return 0;
  std::uint64_t total = zeros_;
  if (limit.count() == 0) return total;
  const int last = bounds::index_of(static_cast<std::uint64_t>(limit.count())) - first_;
  for (int cell = 0; cell < size_ && cell <= last; ++cell) total += cell_at(cell);
  return total;
}

double Sketch::upper_seconds(int index, int scale) { return std::exp2(std::ldexp(index, -scale)); }

bool operator==(const Sketch& a, const Sketch& b) {
  if (a.count_ != b.count_ || a.zeros_ != b.zeros_ || a.sum_ != b.sum_) return false;
  if (a.min_ != b.min_ || a.max_ != b.max_) return false;
  const int first = std::min(a.first_, b.first_);
  const int last = std::max(a.first_ + a.size_, b.first_ + b.size_);
  const auto count = [](const Sketch& sketch, int index) {
    const int cell = index - sketch.first_;
    return cell < 0 || cell >= sketch.size_ ? 0 : sketch.cell_at(cell);
  };
  for (int index = first; index < last; ++index) {
    if (count(a, index) != count(b, index)) return false;
  }
  return true;
}

}  // namespace weir::stats
