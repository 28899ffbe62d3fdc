#pragma once

#include <cstddef>
#include <memory>

#include <weir/stats/events.h>

namespace weir::stats {

/// The sums of all events over every window, in the slices of the Ledger. No clock: times come in. One thread, the
/// control thread.
///
/// Memory is bounded whatever names and tags are sent: what finds no room goes under kOtherName, and is counted.
class EventLedger {
 public:
  static constexpr std::size_t kMostNames = 500;   ///< of all kinds
  static constexpr std::size_t kMostSets = 50;     ///< of those, sets, which cost up to 450 KB each
  static constexpr std::size_t kMostSeries = 1000;  ///< names with different tags; a busy timing costs about 0.1 MB
  static constexpr std::size_t kMostSeriesOfName = 100;

  explicit EventLedger(Moment start);
  ~EventLedger();
  EventLedger(const EventLedger&) = delete;
  EventLedger& operator=(const EventLedger&) = delete;

  /// `event` holds what its members say they hold. One that ended (`at`) more than a slice ago counts in the oldest
  /// open slice.
  void add(const Event& event, TimePoint at, Moment now);
  /// Closes slices that are over; see Ledger::advance.
  void advance(TimePoint now);
  /// A new epoch. Cumulative figures go on.
  void reset(Moment now);

  /// With those of which there was at least one since start or reset.
  EventsView view(Window window, Moment now);
  EventsView cumulative_view(Moment now);

  /// What it holds, about.
  std::size_t bytes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::stats
