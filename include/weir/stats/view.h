#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/ids.h>
#include <weir/base/method.h>
#include <weir/stats/attempts.h>
#include <weir/stats/concurrency_levels.h>
#include <weir/stats/figures.h>
#include <weir/stats/people.h>
#include <weir/stats/said.h>
#include <weir/stats/sample.h>
#include <weir/stats/window.h>

namespace weir::stats {

/// One route and method; everything where both are left out.
struct Scope {
  std::optional<RouteId> route;
  std::optional<Method> method;

  bool holds(RouteId r, Method m) const { return (!route || *route == r) && (!method || *method == m); }
  bool is_everything() const { return !route && !method; }

  friend bool operator==(const Scope&, const Scope&) = default;
};

/// The one definition of requests per minute: those of a window, by the length of it that was measured, which is less
/// than the whole where start or reset lie within it. 0 where nothing was measured yet.
inline double per_minute(double count, Nanos measured) {
  return measured > Nanos(0) ? count * 60 / seconds(measured) : 0;
}

/// One route and method over the window of its View.
struct SeriesView {
  RouteId route;
  Method method = Method::other;
  Figures figures;
  SaidFigures said;
  ConcurrencyLevels levels;
  Nanos measured{0};               ///< as View::measured, since a reset of this series too
  std::uint32_t in_flight = 0;     ///< as of the workers' last hand-over
  /// In the window; with several workers an upper bound, since their peaks may have come one after the other.
  std::uint32_t highest_in_flight = 0;
  WallTime last_seen;  ///< end of its newest exchange, of all time; the epoch where there was none yet
  /// In a cumulative view: when it began to be counted under the label that it has. The same in every view.
  WallTime created;
};

/// One upstream server over the window of its View.
struct ServerView {
  ServerId server;
  Figures figures;           ///< of the requests whose last attempt was at it
  AttemptCounts attempts{};  ///< in a cumulative view alone: of all, those that were retried elsewhere too
  WallTime last_seen;
  WallTime created;  ///< as in SeriesView
};

/// How many exchanges were under way at once.
struct Concurrency {
  std::uint32_t now = 0;      ///< as of the workers' last hand-over
  std::uint32_t highest = 0;  ///< seen in the window: whenever a worker had more than before, and at questions
};

/// Requests over the last day, by the wall clock in UTC. Of everything, whatever the scope.
struct BusyTimes {
  WallTime peak_minute;             ///< where the busiest one began; nothing where `peak_requests` is 0
  std::uint64_t peak_requests = 0;  ///< in it
  std::array<std::uint64_t, 24> by_hour{};
};

/// What is counted apart from the figures. Since start or reset, whatever the window; in a cumulative view since start.
struct Asides {
  std::uint64_t probes = 0;
  std::uint64_t details_left_out = 0;  ///< texts that a full arena had no room for; the counts have them
  std::uint64_t late = 0;              ///< records that came after their slice had closed, and went into the next
};

/// An immutable picture of the ledger at one instant, for one window. Any thread may read it.
///
/// A window in which nothing happened has `figures.is_empty()`: it has no durations, and none is to be shown.
struct View {
  Window window = Window::all;
  /// True: totals since the start that no reset touches and that never decrease, for /metrics.
  bool is_cumulative = false;
  Moment as_of;
  WallTime started;          ///< of the ledger, hence of the process
  WallTime created;  ///< the same as it was read then: one and the same in all views, for counters of everything
  WallTime since;            ///< start or last reset of everything, whichever is later
  Nanos uptime{0};

  Figures total;             ///< of all series in the scope
  SaidFigures said;          ///< the same
  ConcurrencyLevels levels;  ///< the same
  /// How much of the window was measured: to now, from where its oldest slice begins, or from start or reset if later.
  Nanos measured{0};
  Concurrency concurrency;
  BusyTimes busy;
  Asides asides;

  /// Different users and tenants in each window; in a cumulative view alone, else 0.
  std::array<ActiveCounts, count_of<Party>()> active{};

  /// With at least one request since start or reset (cumulative: since start), or with one under way; by route, then
  /// method. In a cumulative view each has what was counted under its own label: see Ledger::end_label.
  std::vector<SeriesView> series;
  std::vector<ServerView> servers;

  // Those kept of what counts in the window, newest first. See Samples for which are kept: whatever part of the series
  // somebody looks at, the newest and the slowest of it are among them.
  std::vector<SamplePtr> slow;     ///< whatever the reason
  std::vector<SamplePtr> errors;
  std::vector<SamplePtr> uniform;  ///< drawn from all that were neither slow nor failed, each as likely

  static constexpr double kRelativeError = Sketch::kRelativeError;

  /// Null where it has none.
  const SeriesView* find(RouteId route, Method method) const;
};

using ViewPtr = std::shared_ptr<const View>;

/// What a View is to hold.
struct ViewRequest {
  Window window = Window::all;
  Scope scope{};               ///< of total, series and samples
  bool with_series = true;     ///< false: `series` stays empty; the total is there all the same
  bool with_phases = true;     ///< false: `Figures::phases` stay empty, for half the time and memory
  bool with_said = true;       ///< false: what answers said of themselves is left out
  bool with_levels = false;    ///< durations by concurrency
  bool with_servers = true;
  bool with_samples = true;
  /// The series that `uniform` is drawn from; empty: all in the scope. A draw of a part is not a part of a draw.
  std::function<bool(RouteId, Method)> drawn_from = {};
};

}  // namespace weir::stats
