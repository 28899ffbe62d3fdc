#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <weir/stats/ledger.h>

#include "course_builder.h"
#include "day_minutes.h"
#include "history.h"
#include "in_flight_peaks.h"
#include "peaks.h"
#include "people_ledger.h"
#include "samples.h"
#include "series.h"
#include "series_index.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <weir/stats/ledger.h>

namespace weir::stats {

class Tally;

inline Asides& operator+=(Asides& a, const Asides& b) {
  a.probes += b.probes;
  a.details_left_out += b.details_left_out;
  a.late += b.late;
  return a;
}

/// What a Ledger holds. Taking in is ledger.cc, giving pictures ledger_view.cc.
class Ledger::Impl {
 public:
  Impl(LedgerLimits limits, Moment now)
      : start_(now), now_(now.clock), samples_(limits), day_(now), since_(now.clock) {}

  void fold(const Batch& batch, std::size_t worker, Moment now, const Resolve& resolve, const Hear& hear,
            const Succeed& succeed);
  void advance(TimePoint now);
  ViewPtr view(const ViewRequest& request, bool is_cumulative, Moment now);
  Course course(const CourseRequest& request, Moment now);
  PeopleView people(Party party, const PeopleRequest& request, Moment now);
  void reset(const Scope& scope, Moment now);
  std::vector<SeriesView> merge_series(RouteId from, RouteId into);
  std::vector<SeriesView> end_label(RouteId route);
  void set_current(Current current) { find_current_ = std::move(current); }
  void set_limits(LedgerLimits limits) { samples_.set_limits(limits); }
  void count_networks(bool on) { counts_networks_ = on; }
  std::size_t bytes() const;

 private:
  struct Server {
    History history;
    TimePoint last_seen;
    FailedAttempts::Counts failed_attempts;  ///< since the start
    TimePoint began;
    std::optional<WallTime> created;  ///< as in Series
  };
  /// What is known of one worker beside its records.
  struct Worker {
    std::vector<InFlight> in_flight;  ///< of its last picture
  };

  static void find_route(Record& record, const Detail& detail, const Resolve& resolve);
  void fold_record(const Record& record, const Detail& detail, std::size_t worker, Moment now);
  void note_people(const Record& record, const Detail& detail, SliceNumber slice);
  void fold_tally(const Tally& tally, std::size_t worker);
  void note_attempts(const Batch& batch);
  void note_picture(const Batch& batch, std::size_t worker);
  Slow slow_of(const Record& record, Series& series) const;
  void note_late(bool was_in_time) { asides_.late += !was_in_time; }
  Series& series(RouteId route, Method method);
  Server& server(ServerId id);
  std::uint32_t in_flight(const Scope& scope) const;
  std::vector<std::uint32_t> in_flight_by_series() const;
  RouteId current(RouteId route) const { return find_current_ ? find_current_(route) : route; }
  void keep_exported(const Series& series, std::vector<SeriesView>& kept) const;
  void add_series(View& view, const ViewRequest& request);
  void add_cumulative(View& view, Series& series, const ViewRequest& request, SeriesView& shown) const;
  void add_said(View& view, const Series& series, SaidFigures& figures) const;
  void add_levels(View& view, const Series& series, SeriesView& shown) const;
  void add_servers(View& view, bool with_phases);
  Nanos measured(Window window, TimePoint since) const;
  TimePoint since_of(const Series& series) const { return std::max(since_, series.reset_at); }
  TimePoint since_of(const std::function<bool(RouteId, Method)>& holds) const;

  /// Where the window's oldest slice begins, on the clock of a record; see HistoryOf. Of `all`: before everything.
  std::int64_t begin_of(Window window) const;
  std::int64_t clock_of(SliceNumber slice) const {
    return (start_.clock + slice * kSlice).time_since_epoch().count();
  }

  /// A time that is yet to come belongs to now, one from before the start to the start.
  SliceNumber slice_of(std::int64_t clock_ns) const {
    const std::int64_t since_start = clock_ns - start_.clock.time_since_epoch().count();
    return std::clamp<SliceNumber>(since_start / kSlice.count(), 0, current_);
  }
  static TimePoint time_of(std::int64_t clock_ns) { return TimePoint(Nanos(clock_ns)); }
  static WallTime wall_of(std::int64_t clock_ns, Moment now) { return wall_of(time_of(clock_ns), now); }
  /// As the wall clock would have shown it had it always been as it is now: it may have been set meanwhile. The epoch
  /// stays what it is: never.
  static WallTime wall_of(TimePoint time, Moment now) {
    if (time == TimePoint()) return WallTime();
    const Nanos age = std::max(Nanos(0), Nanos(now.clock - time));
    return now.wall - std::chrono::duration_cast<WallTime::duration>(age);
  }

  Moment start_;
  TimePoint now_;  ///< the latest we have been told; never goes back
  SliceNumber current_ = 0;
  std::vector<std::unique_ptr<Series>> series_;
  SeriesIndex index_;
  Current find_current_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<Worker> workers_;
  SaidNames names_;
  Said said_;  ///< of the record being folded
  std::array<PeopleLedger, count_of<Party>()> people_;
  Samples samples_;
  Peaks peaks_;  ///< of what is under way over all workers
  DayMinutes day_;
  std::uint64_t fold_ = 0;  ///< number of the hand-over being folded
  bool counts_networks_ = false;
  CourseMemory course_memory_;
  Asides asides_;
  Asides retired_asides_;
  TimePoint since_;
};

}  // namespace weir::stats
