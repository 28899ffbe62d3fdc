#pragma once

#include <cstddef>
#include <memory>

#include <weir/stats/events.h>

#include "active_count.h"
#include "history.h"
#include "rings.h"

namespace weir::stats {

/// The events of one name, kind and set of tags over all windows.
class EventHistory {
 public:
  EventHistory(EventKind kind, SliceNumber current);

  void advance(SliceNumber current);
  /// `number` is at most the current one.
  void add(const Event& event, SliceNumber number);
  /// What was counted so far stays in the cumulative figures alone. A gauge stands where it stood.
  void reset();

  /// Nothing happened since start or reset, and it is no gauge that stands anywhere.
  bool is_empty() const;
  /// All but `last_seen`.
  void write(EventFigures& figures, Window window) const;
  void write_cumulative(EventFigures& figures) const;
  /// Of a set: different ones in each window.
  ActiveCounts members() const;
  std::size_t bytes() const;

 private:
  using Values = HistoryOf<Timing>;
  using LevelRings = Rings<Levels>;

  void add_value(const Event& event, SliceNumber number);

  SliceNumber current_;
  HistoryOf<EventCount> counts_;
  std::unique_ptr<Values> values_;       ///< of a timing or distribution
  std::unique_ptr<Values> below_zero_;   ///< of a distribution: those below zero, mirrored, once there are any
  std::unique_ptr<LevelRings> levels_;   ///< of a gauge
  std::unique_ptr<ActiveCount> members_;  ///< of a set
  double level_ = 0;
  bool has_level_ = false;
  double owed_ = 0;  ///< what sampled values stand for beyond whole ones
};

}  // namespace weir::stats
