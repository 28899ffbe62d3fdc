#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <weir/stats/events.h>
#include <weir/stats/figures.h>
#include <weir/stats/packed_figures.h>
#include <weir/stats/people.h>
#include <weir/stats/window.h>

#include "timing.h"

namespace weir::stats {

/// A number of a slice of `kSlice` since the ledger's start; a minute is 12 of them, a quarter of an hour 180.
using SliceNumber = std::int64_t;

inline constexpr Nanos kSlice = 5s;
inline constexpr SliceNumber kSlicesPerMinute = 12;
inline constexpr SliceNumber kSlicesPerQuarter = 180;

/// The closed slices of one length, oldest first, packed; only those in which something happened. `Sums` is what is
/// summed up: Figures, Timing, CacheCounts, PersonCounts or EventCount; `Sums::Packed` is what it is kept as.
template <class Sums>
class SliceRow {
 public:
  using Packed = typename Sums::Packed;

  struct Slice {
    SliceNumber number;
    Packed figures;
  };

  void push(SliceNumber number, const Sums& figures) { slices_.push_back({number, Packed(figures)}); }
  /// Drops the slices before `number`.
  void drop_before(SliceNumber number);
  /// Slice by slice the sum of both.
  void merge(const SliceRow& other);
  void clear() { slices_ = std::vector<Slice>(); }

  const std::vector<Slice>& slices() const { return slices_; }
  std::size_t bytes() const;

 private:
  std::vector<Slice> slices_;
};

/// The exact sum over the newest closed slices of a row: slices are added as they close and taken out as they leave,
/// so that nothing is added up when somebody asks.
template <class Sums>
class SlidingSum {
 public:
  explicit SlidingSum(SliceNumber span) : span_(span) {}

  SliceNumber span() const { return span_; }
  /// `figures` were just pushed to the row.
  void add(const Sums& figures);
  /// Takes out what has left the window whose newest, open slice is `current`. The row still holds it.
  void slide(const SliceRow<Sums>& row, SliceNumber current);
  /// Both rows were merged into `row`.
  void merge(const SlidingSum& other, const SliceRow<Sums>& row, SliceNumber current);
  void clear();

  /// Null where nothing happened.
  const Sums* sum() const { return sum_.get(); }
  std::size_t bytes() const;

 private:
  void restore_extremes(const SliceRow<Sums>& row);

  SliceNumber span_;
  std::size_t held_ = 0;  ///< how many of the row's newest slices are in the sum
  std::unique_ptr<Sums> sum_;
};

/// The figures of one series over all windows. A record is added once, to one of two open slices of five seconds.
/// A slice that closes goes, packed, into the row for the short windows and is merged into the open minute; a minute
/// that closes likewise into its row and the open quarter of an hour. So a window is one sliding sum and at most four
/// open slices, whatever its length, and an idle series holds nothing but its total.
template <class Sums>
class HistoryOf {
 public:
  /// All calls that take a number: never less than in the call before.
  void advance(SliceNumber current);
  /// `number` is at most the current one. False if its slice had closed: then it went into the oldest open one.
  template <class Fact>
  bool add(const Fact& fact, SliceNumber number) {
    open_slice(number).add(fact);
    return number >= current_ - 1;
  }
  bool merge(const Sums& figures, SliceNumber number);
  /// Both must have been advanced to the same slice.
  void merge(const HistoryOf& other);
  /// What was counted so far stays in `add_cumulative` alone.
  void reset();

  bool is_empty() const;
  bool has_cumulative() const { return retired_ != nullptr || !is_empty(); }
  /// `with_phases` matters to Figures alone.
  void add_to(Sums& figures, Window window, bool with_phases = true) const;
  void add_cumulative(Sums& figures, bool with_phases = true) const;
  /// `visit(number, part)` for all that it holds by slices of `grain` (1, kSlicesPerMinute, kSlicesPerQuarter), `part`
  /// being Sums or packed ones; a slice that is still open may come in several parts. No order.
  template <class Visit>
  void for_each_part(SliceNumber grain, Visit&& visit) const {
    const auto visit_open = [&](const std::unique_ptr<Sums>& part, SliceNumber first_slice) {
      if (part != nullptr) visit(first_slice / grain, *part);
    };
    visit_open(newest_, current_);
    visit_open(previous_, current_ - 1);
    if (grain >= kSlicesPerMinute) visit_open(minutes_.open, minutes_.open_number * kSlicesPerMinute);
    if (grain >= kSlicesPerQuarter) visit_open(quarters_.open, quarters_.open_number * kSlicesPerQuarter);
    const SliceRow<Sums>& row = grain == 1 ? slices_ : grain == kSlicesPerMinute ? minutes_.row : quarters_.row;
    for (const auto& slice : row.slices()) visit(slice.number, slice.figures);
  }
  std::size_t bytes() const;

 private:
  /// Slices of one length: one that is filling, and those that are closed.
  struct Tier {
    SliceRow<Sums> row;
    std::unique_ptr<Sums> open;
    SliceNumber open_number = 0;
  };

  Sums& open_slice(SliceNumber number);
  void close_slice(const Sums& figures, SliceNumber number);
  void close_minute();
  void close_quarter();
  void slide();

  SliceNumber current_ = 0;
  std::unique_ptr<Sums> newest_;    ///< of slice `current_`
  std::unique_ptr<Sums> previous_;  ///< of the one before, for records handed over late
  SliceRow<Sums> slices_;
  Tier minutes_;
  Tier quarters_;
  SlidingSum<Sums> last_minute_{12};
  SlidingSum<Sums> last_five_minutes_{60};
  SlidingSum<Sums> last_hour_{60};
  SlidingSum<Sums> last_day_{96};
  std::unique_ptr<Sums> total_;    ///< of closed slices since start or reset
  std::unique_ptr<Sums> retired_;  ///< from before the last reset
};

/// Of a route and method, or a server.
using History = HistoryOf<Figures>;

}  // namespace weir::stats
