#pragma once

#include <algorithm>
#include <cstddef>

#include <weir/base/ids.h>
#include <weir/base/method.h>
#include <weir/stats/window.h>

#include "baseline.h"
#include "history.h"
#include "in_flight_peaks.h"
#include "level_history.h"
#include "said_history.h"

namespace weir::stats {

/// All that is summed up for one route and method.
struct Series {
  Series(RouteId of_route, Method of_method) : route(of_route), method(of_method) {}

  RouteId route;
  Method method;
  History history;
  SaidHistory said;
  LevelHistory levels;
  InFlightPeaks peaks;
  Baseline baseline;
  WallTime last_seen;

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
  /// Takes in all that `other` has, and leaves that empty.
  void take_over(Series& other, SliceNumber current) {
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
    return sizeof(Series) - sizeof(History) + history.bytes() + said.bytes() + levels.bytes() +
           peaks.heap_bytes();
  }
};

}  // namespace weir::stats
