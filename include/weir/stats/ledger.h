#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <weir/base/ids.h>
#include <weir/stats/batch.h>
#include <weir/stats/course.h>
#include <weir/stats/people.h>
#include <weir/stats/record.h>
#include <weir/stats/view.h>
#include <weir/stats/window.h>

namespace weir::stats {

/// How much of single exchanges the ledger keeps over all routes. Costs up to about 2 KB each. For what each route
/// keeps beside that, see Samples.
struct LedgerLimits {
  std::size_t slow = 50;      ///< newest slow ones of either reason, and as many of the slowest of every window
  std::size_t errors = 200;   ///< newest failures, 4xx and others apart
  std::size_t uniform = 100;  ///< drawn from what was neither, for contrast
};

/// All the sums: every route and method, every server, over every window, with the samples. Knows no paths, no names,
/// no clock: ids and times come in. One thread, the control thread.
///
/// Memory is bounded by the route ids that the caller hands out; an idle route costs only what it has in its windows.
/// Time must not run backwards; if it seems to, it stands still until it has caught up.
class Ledger {
 public:
  /// Finds the route of a record that came as kUnmatchedRoute (one that was learned, say), or leaves it there.
  using Resolve = std::function<RouteId(const Record&, const Detail&)>;

  /// Reads what an answer says of itself; `said` comes empty, `detail` holds its texts.
  using Hear = std::function<void(const Detail& detail, Said& said)>;

  /// Learns of every success (see is_success) that is no probe, under the route that it is counted under. `times` of them
  /// at once where a worker had summed them up.
  using Succeed = std::function<void(RouteId route, std::uint64_t times, TimePoint ended)>;

  /// Says where the figures of a route are now; see merge_series. Itself where they were never moved.
  using Current = std::function<RouteId(RouteId)>;

  Ledger(LedgerLimits limits, Moment now);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// What names a route that was merged into another since (records, sums of a stall, what is under way) counts as what
  /// `current` says from now on. Without it ids are taken as they come.
  void set_current(Current current);

  /// Takes in all that `batch` holds: records, overflow, the in-flight picture. `worker` is dense from 0. A record
  /// belongs to the slice of its end; one that comes more than a slice late goes into the oldest open one.
  /// Leaves the batch as it is.
  void fold(const Batch& batch, std::size_t worker, Moment now, const Resolve& resolve = {},
            const Hear& hear = {}, const Succeed& succeed = {});

  /// Closes slices that are over. `fold` and `view` do so too; call it now and then (each second) so that a view
  /// after a long silence is not the one that pays.
  void advance(TimePoint now);

  /// A picture as of `now`.
  ViewPtr view(const ViewRequest& request, Moment now);
  /// Totals since the start, which no reset touches: of everything, and of each series what was counted under its label.
  ViewPtr cumulative_view(Moment now);

  /// How the figures of a part of it went over a window, slice by slice. Costs about half a microsecond a slice and series;
  /// of everything together, closed slices are added up once.
  Course course(const CourseRequest& request, Moment now);

  /// A top list of users, tenants or client networks as of `now`. Those of routes are not told apart.
  PeopleView people(Party party, const PeopleRequest& request, Moment now);

  /// A new epoch for the figures in `scope`, in every window, samples included. Cumulative totals go on.
  /// Users, tenants and networks start anew where the scope is everything.
  void reset(const Scope& scope, Moment now);

  /// All figures and samples of `from` become figures of `into`, in every window; `from` is as if it had never been.
  /// For a learned route that turns out to be part of another. Later ids go through `Current`.
  ///
  /// A counter that was exported must not jump: what a cumulative view has shown of `from` stays out of what later ones
  /// show of `into`. It is returned, one for each method, as it stands at the end.
  std::vector<SeriesView> merge_series(RouteId from, RouteId into);

  /// The route has another name from now on. Where a cumulative view has shown its series, that is returned as it stands,
  /// and later ones show what was counted after this call. Windows stay as they are.
  std::vector<SeriesView> end_label(RouteId route);

  void set_limits(LedgerLimits limits);

  /// Whether the client of each record is counted under its network; its text must come along. Off at first.
  void count_networks(bool on);

  /// What it holds, about.
  std::size_t bytes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::stats
