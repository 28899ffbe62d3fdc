#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/distinct_hashes.h>
#include <weir/base/names.h>
#include <weir/stats/people.h>
#include <weir/stats/record.h>
#include <weir/stats/sketch.h>
#include <weir/stats/tags.h>
#include <weir/stats/window.h>

namespace weir::stats {

/// What an app, or weir for it, counts and times beside requests. A name has one set of figures for each kind.
enum class EventKind : std::uint8_t {
  counter,       ///< happened so many times
  timing,        ///< took so long
  distribution,  ///< a size, a score: a number without a unit, of which the percentiles matter
  gauge,         ///< stands at
  set,           ///< how many different ones
};

/// One fact.
struct Event {
  static constexpr std::size_t kLongestName = 200;
  static constexpr std::size_t kLongestMember = 256;
  /// Of counters and gauges; above it doubles skip whole numbers.
  static constexpr double kLargest = 1e15;
  /// Of timings, in seconds, and distributions.
  static constexpr double kLargestValue = 9e9;
  static constexpr double kLowestRate = 1e-6;

  std::string name;  ///< printable
  EventKind kind = EventKind::counter;
  /// How many (less than none, even), seconds, a number, or where it stands. Unused for a set.
  double amount = 1;
  /// Of a gauge: `amount` is added to where it stands.
  bool is_delta = false;
  std::string member;  ///< of a set
  /// Only so many of these were sent: each counter, timing and distribution stands for 1 / rate.
  double sample_rate = 1;
  Tags tags;  ///< as `make_labels` leaves them
};

/// Whether `count_as` counts it: a whole answer below 400, by the contract the opposite of an error or an abort.
inline bool is_success(const Record& record) {
  return record.status != 0 && record.status < 400 && record.fault == Fault::none;
}

/// Sums of a counter, exact to a millionth. Also how those of a closed slice are kept: there is nothing to pack.
struct EventCount {
  using Packed = EventCount;

  Uint128 up = 0;    ///< in millionths
  Uint128 down = 0;  ///< what was taken back, likewise

  void add(double amount);
  void merge(const EventCount& other);
  void add_to(EventCount& sum) const { sum.merge(*this); }
  void remove_from(EventCount& sum) const;
  double ups() const { return static_cast<double>(up) / 1e6; }
  double downs() const { return static_cast<double>(down) / 1e6; }
  double net() const;
  std::size_t bytes() const { return 0; }
  std::size_t heap_bytes() const { return 0; }

  friend bool operator==(const EventCount&, const EventCount&) = default;
};

/// Where a gauge has stood.
struct Levels {
  double lowest = 0;
  double highest = 0;
  bool is_empty = true;

  void add(double level);
  void merge(const Levels& other);
  std::size_t bytes() const { return 0; }
};

/// Exact up to 256, then with a standard error of PeopleView::kActiveError.
using Members = DistinctHashes<256, 2048>;

/// One name over the window of its view; which parts are used depends on the kind.
struct EventFigures {
  EventCount count;  ///< of a counter; else how many facts there were, but for those that `values` counts
  Sketch values;     ///< of a timing; of a distribution, as if its numbers were seconds: those from 0 up
  Sketch below_zero;  ///< of a distribution: the numbers below 0, without their sign
  double level = 0;  ///< where a gauge stands, whatever the window
  Levels levels;
  Members members;
  WallTime last_seen;

  /// `other` has the same kind. The level is that of whichever was seen last.
  void merge(const EventFigures& other);
};

/// All numbers of a distribution, those below zero in a mirrored sketch. As in a Sketch count, sum, min and max are exact,
/// and a quantile is as near to its value, relative to it, on either side of zero. Refers to the figures.
class SignedValues {
 public:
  explicit SignedValues(const EventFigures& figures) : above_(figures.values), below_(figures.below_zero) {}

  bool is_empty() const { return count() == 0; }
  std::uint64_t count() const { return above_.count() + below_.count(); }
  double mean_seconds() const;
  Nanos min() const;
  Nanos max() const;
  Nanos quantile(double q) const;

 private:
  const Sketch& above_;
  const Sketch& below_;
};

struct EventSeries {
  Tags tags;
  EventFigures figures;
  /// Of a set, in a cumulative view alone: different ones in each window.
  ActiveCounts members{};
};

/// One name and kind with all that it was tagged with; merged they are what the name comes to.
struct EventEntry {
  std::string name;
  EventKind kind = EventKind::counter;
  std::vector<EventSeries> series;  ///< at least one
};

/// An immutable picture of all events at one instant.
struct EventsView {
  Window window = Window::all;
  bool is_cumulative = false;  ///< since the start, whatever was reset
  Moment as_of;
  WallTime since;                  ///< start or last reset
  double minutes = 0;              ///< that the window covers, or those since `since`: see per_minute
  std::vector<EventEntry> events;  ///< by name, then kind
  std::uint64_t overflowed = 0;    ///< facts whose name or tags found no room, since the start
};

}  // namespace weir::stats

template <>
struct weir::Names<weir::stats::EventKind> {
  static constexpr std::array<std::string_view, 5> labels = {"counter", "timing", "distribution", "gauge", "set"};
};
