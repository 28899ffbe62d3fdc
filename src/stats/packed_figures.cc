#include <weir/stats/packed_figures.h>

#include <algorithm>
#include <vector>

#include "bits.h"

namespace weir::stats {

namespace {

/// The running mean of the bucket counts in eighths, which both sides keep alike: it chooses between coding each
/// count and coding the gaps between the few that are there.
class Mean {
 public:
  Mean(std::uint64_t total, std::uint64_t cells) : eighths_(8 * total / cells) {}

  bool is_sparse() const { return eighths_ < 4; }
  /// The best Rice parameter for a geometric distribution of this mean, about log2(mean * ln 2).
  int rice_parameter() const {
    const std::uint64_t scaled = eighths_ * 11 / 128;
    return scaled == 0 ? 0 : width_of(scaled) - 1;
  }
  void saw(std::uint64_t count) { eighths_ = eighths_ - eighths_ / 4 + 2 * count; }
  void saw_gap(std::uint64_t length) { eighths_ = length == 0 ? eighths_ : length == 1 ? eighths_ / 2 : 0; }

 private:
  std::uint64_t eighths_;
};

class Gap {
 public:
  int rice_parameter() const { return mean_ <= 1 ? 0 : width_of(mean_) - 1; }
  void saw(std::uint64_t length) { mean_ = (3 * mean_ + length) / 4; }

 private:
  std::uint64_t mean_ = 4;
};

constexpr int kIndexBias = 2048;
constexpr int kIndexBits = 13;

void write_cells(BitWriter& out, const std::vector<std::uint64_t>& cells, std::uint64_t total) {
  Mean mean(total, cells.size());
  Gap gap;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!mean.is_sparse()) {
      out.rice(cells[i], mean.rice_parameter());
      mean.saw(cells[i]);
      continue;
    }
    const std::size_t start = i;
    while (cells[i] == 0) ++i;  // the last cell is never empty
    out.rice(i - start, gap.rice_parameter());
    out.small(cells[i] - 1);
    gap.saw(i - start);
    mean.saw_gap(i - start);
    mean.saw(cells[i]);
  }
}

/// `visit(cell, count)` for each count as written by write_cells.
template <class Visit>
void read_cells(BitReader& in, std::size_t size, std::uint64_t total, Visit&& visit) {
  Mean mean(total, size);
  Gap gap;
  for (std::size_t i = 0; i < size; ++i) {
    if (!mean.is_sparse()) {
      const std::uint64_t count = in.rice(mean.rice_parameter());
      mean.saw(count);
      if (count != 0) visit(i, count);
      continue;
    }
    const std::uint64_t length = in.rice(gap.rice_parameter());
    i += length;
    const std::uint64_t count = in.small() + 1;
    gap.saw(length);
    mean.saw_gap(length);
    mean.saw(count);
    visit(i, count);
  }
}

void write_sketch(BitWriter& out, const Sketch& sketch) {
  const std::uint64_t placed = sketch.count() - sketch.zero_count();
  out.small(placed);
  if (placed == 0) return;
  out.wide(sketch.sum_ns());
  if (placed == 1) return;  // the sum is the value
  std::vector<std::uint64_t> cells;
  int first = 0;
  sketch.for_each_bucket([&](int index, std::uint64_t count) {
    if (cells.empty()) first = index;
    cells.resize(static_cast<std::size_t>(index - first) + 1);
    cells.back() = count;
  });
  out.bits(static_cast<std::uint64_t>(first + kIndexBias), kIndexBits);
  out.small(cells.size() - 1);
  write_cells(out, cells, placed);
}

/// Reads a sketch of `count` values: `on_totals(zeros, sum)` once, then `on_bucket(index, count)` for each bucket.
template <class OnTotals, class OnBucket>
void read_sketch(BitReader& in, std::uint64_t count, OnTotals&& on_totals, OnBucket&& on_bucket) {
  const std::uint64_t placed = in.small();
  if (placed == 0) return on_totals(count, Uint128{0});
  const Uint128 sum = in.wide_128();
  on_totals(count - placed, sum);
  if (placed == 1) return on_bucket(bounds::index_of(static_cast<std::uint64_t>(sum)), std::uint64_t{1});
  const int first = static_cast<int>(in.bits(kIndexBits)) - kIndexBias;
  const std::size_t size = in.small() + 1;
  read_cells(in, size, placed,
             [&](std::size_t cell, std::uint64_t n) { on_bucket(first + static_cast<int>(cell), n); });
}

struct Adding {
  static void count(std::uint64_t& total, std::uint64_t n) { total += n; }
  static void sketch(BitReader& in, std::uint64_t count, Sketch& sketch) {
    if (count == 0) return;
    read_sketch(
        in, count, [&](std::uint64_t zeros, Uint128 sum) { sketch.add_totals(count, zeros, sum); },
        [&](int index, std::uint64_t n) { sketch.add_bucket(index, n); });
    sketch.widen_extremes();
  }
};

struct Removing {
  static void count(std::uint64_t& total, std::uint64_t n) { total -= n; }
  static void sketch(BitReader& in, std::uint64_t count, Sketch& sketch) {
    if (count == 0) return;
    read_sketch(
        in, count, [&](std::uint64_t zeros, Uint128 sum) { sketch.remove_totals(count, zeros, sum); },
        [&](int index, std::uint64_t n) { sketch.remove_bucket(index, n); });
    sketch.settle();
  }
};

PackedFigures::Summary read_summary(BitReader& in) {
  PackedFigures::Summary summary;
  summary.requests = in.small();
  summary.min = Nanos(static_cast<std::int64_t>(in.wide()));
  summary.max = summary.min;
  if (summary.requests > 1) summary.max += Nanos(static_cast<std::int64_t>(in.wide()));
  return summary;
}

/// The plain counts that are 0 more often than not.
constexpr std::array kRareCounts = {
    &Figures::Counts::errors,        &Figures::Counts::slow,    &Figures::Counts::client_aborted,
    &Figures::Counts::local_replies, &Figures::Counts::retried,
};

void write_counts(BitWriter& out, const Figures::Counts& counts) {
  for (const auto member : kRareCounts) out.small(counts.*member);
  out.small(counts.requests - counts.reused);
  out.wide(counts.bytes_in);
  out.wide(counts.bytes_out);
  for (std::size_t i = 0; i < counts.status.size(); ++i) {
    if (i != 2) out.small(counts.status[i]);  // 2xx is what is left
  }
  const auto kinds = std::count_if(counts.faults.begin(), counts.faults.end(), [](auto n) { return n != 0; });
  out.small(static_cast<std::uint64_t>(kinds));
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (counts.faults[i] == 0) continue;
    out.small(i);
    out.small(counts.faults[i]);
  }
}

/// Up to the first phase.
template <class Way>
void read_counts_and_duration(BitReader& in, Figures& figures) {
  const PackedFigures::Summary summary = read_summary(in);
  Figures::Counts& counts = figures.counts;
  Way::count(counts.requests, summary.requests);
  for (const auto member : kRareCounts) Way::count(counts.*member, in.small());
  Way::count(counts.reused, summary.requests - in.small());
  Way::count(counts.bytes_in, in.wide());
  Way::count(counts.bytes_out, in.wide());
  std::uint64_t rest = summary.requests;
  for (std::size_t i = 0; i < counts.status.size(); ++i) {
    if (i == 2) continue;
    const std::uint64_t n = in.small();
    Way::count(counts.status[i], n);
    rest -= n;
  }
  Way::count(counts.status[2], rest);
  for (std::uint64_t kinds = in.small(); kinds != 0; --kinds) {
    const std::size_t kind = in.small();
    Way::count(counts.faults[kind], in.small());
  }
  Way::sketch(in, summary.requests, figures.duration);
}

template <class Way>
void read_figures(BitReader in, std::uint64_t requests, Figures& figures) {
  read_counts_and_duration<Way>(in, figures);
  for (Sketch& phase : figures.phases) Way::sketch(in, requests, phase);
  Way::sketch(in, in.small(), figures.streams);
}

}  // namespace

PackedFigures::PackedFigures(const Figures& figures) {
  std::vector<std::uint8_t> bytes;
  BitWriter out(bytes);
  out.small(figures.counts.requests);
  out.wide(static_cast<std::uint64_t>(figures.duration.min().count()));
  if (figures.counts.requests > 1) {
    out.wide(static_cast<std::uint64_t>((figures.duration.max() - figures.duration.min()).count()));
  }
  write_counts(out, figures.counts);
  write_sketch(out, figures.duration);
  for (const Sketch& phase : figures.phases) write_sketch(out, phase);
  out.small(figures.streams.count());
  if (!figures.streams.is_empty()) write_sketch(out, figures.streams);
  out.finish();
  size_ = static_cast<std::uint32_t>(bytes.size());
  data_ = std::make_unique_for_overwrite<std::uint8_t[]>(size_);
  std::memcpy(data_.get(), bytes.data(), size_);
}

void PackedFigures::add_to(Figures& figures) const {
  add(figures, [&](BitReader in, std::uint64_t requests) { read_figures<Adding>(in, requests, figures); });
}

void PackedFigures::add_counts_and_duration_to(Figures& figures) const {
  add(figures, [&](BitReader in, std::uint64_t) { read_counts_and_duration<Adding>(in, figures); });
}

template <class Read>
void PackedFigures::add(Figures& figures, Read&& read) const {
  if (size_ == 0) return;
  const bool was_empty = figures.is_empty();
  const Nanos min = figures.duration.min();
  const Nanos max = figures.duration.max();
  const Summary mine = summary();
  read(BitReader(data_.get(), size_), mine.requests);
  figures.duration.set_extremes(was_empty ? mine.min : std::min(min, mine.min), std::max(max, mine.max));
}

void PackedFigures::remove_from(Figures& figures) const {
  if (size_ != 0) read_figures<Removing>(BitReader(data_.get(), size_), summary().requests, figures);
}

PackedFigures::Summary PackedFigures::summary() const {
  if (size_ == 0) return {};
  BitReader in(data_.get(), size_);
  return read_summary(in);
}

}  // namespace weir::stats
