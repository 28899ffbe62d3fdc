#pragma once

#include "baseline.h"
#include "history.h"
#include "in_flight_peaks.h"
#include "level_history.h"
#include "said_history.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include <weir/base/ids.h>
#include <weir/base/method.h>
#include <weir/stats/window.h>

namespace weir::stats {

/// All that is summed up for one route and method.
struct Series {
  /// What is exported under a label: figures since the start.
  struct Exported {
    Figures figures;
    SaidFigures said;

    void merge(const Exported& other) {
      figures.merge(other.figures);
      said.merge(other.said);
    }
  };

  Series(RouteId of_route, Method of_method, TimePoint now) : route(of_route), method(of_method), began(now) {}

  RouteId route;
  Method method;
  History history;
  SaidHistory said;
  LevelHistory levels;
  InFlightPeaks peaks;
  Baseline baseline;
  TimePoint last_seen;
  TimePoint reset_at{};             ///< of a reset of this one; the epoch where there was none since one of everything
  TimePoint began;                  ///< when it began to be counted under its present label
  std::optional<WallTime> created;  ///< the same as it was exported first; nothing until then
  /// The part of the cumulative figures that was counted under other labels; null where there is none.
  std::unique_ptr<Exported> elsewhere;

  /// What counts under its present label.
  Exported exported(const SaidNames& names, bool with_phases = true) const {
    Exported mine;
    history.add_cumulative(mine.figures, with_phases);
    said.add_cumulative(mine.said, names);
    take_out_elsewhere(mine, with_phases);
    return mine;
  }
  /// From now on its label is another, under which nothing is counted yet.
  void begin_label(const SaidNames& names, TimePoint now) {
    auto whole = std::make_unique<Exported>();
    history.add_cumulative(whole->figures);
    said.add_cumulative(whole->said, names);
    elsewhere = std::move(whole);
    began = now;
    created.reset();
  }
  void take_out_elsewhere(Exported& sum, bool with_phases) const {
    if (elsewhere == nullptr) return;
    if (with_phases) {
      sum.figures.remove(elsewhere->figures);
    } else {
      sum.figures.remove_without_phases(elsewhere->figures);
    }
    sum.said.remove(elsewhere->said);
  }

  void advance(SliceNumber current) {
    history.advance(current);
    said.advance(current);
    levels.advance(current);
  }
  void reset() {
    history.reset();
    said.reset();
    levels.reset();
    peaks.reset();
    baseline = {};
  }
  void reset_alone(TimePoint now) {
    reset();
    reset_at = now;
  }
  /// Takes in all that `other` has, and leaves that empty. What of it has been exported stays where it was counted: it
  /// is no part of what this one exports.
  void take_over(Series& other, const SaidNames& names, SliceNumber current) {
    if (other.created) other.begin_label(names, other.began);
    // Some of what it has now was measured for as long as the one that was measured longer.
    reset_at = std::min(reset_at, std::exchange(other.reset_at, TimePoint()));
    if (other.elsewhere != nullptr) {
      if (elsewhere == nullptr) elsewhere = std::make_unique<Exported>();
      elsewhere->merge(*other.elsewhere);
      other.elsewhere.reset();
    }
    if (!created) began = std::min(began, other.began);
    history.merge(other.history);
    said.merge(other.said);
    levels.merge(other.levels);
    peaks.merge(other.peaks);
    baseline = {};
    last_seen = std::max(last_seen, other.last_seen);
    other.history = History();
    other.said = SaidHistory();
    other.levels = LevelHistory();
    other.peaks.reset();
    other.baseline = {};
    other.advance(current);
  }
  std::size_t bytes() const {
    return sizeof(Series) - sizeof(History) + history.bytes() + said.bytes() + levels.bytes() + peaks.heap_bytes() +
           (elsewhere == nullptr ? 0 : sizeof(Exported) + elsewhere->figures.heap_bytes());
  }
};

}  // namespace weir::stats
