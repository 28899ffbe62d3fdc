#include <weir/stats/ledger.h>

#include <algorithm>
#include <string>
#include <vector>

#include <weir/base/check.h>
#include <weir/base/network.h>

#include "course_builder.h"
#include "day_minutes.h"
#include "history.h"
#include "in_flight_peaks.h"
#include "peaks.h"
#include "people_ledger.h"
#include "samples.h"
#include "series.h"
#include "series_index.h"
#include "series_order.h"
#include "tally.h"

namespace weir::stats {

namespace {

struct Server {
  History history;
  WallTime last_seen;
};

/// What is known of one worker beside its records.
struct Worker {
  std::vector<InFlight> in_flight;  ///< of its last picture
};

Asides& operator+=(Asides& a, const Asides& b) {
  a.probes += b.probes;
  a.details_left_out += b.details_left_out;
  a.late += b.late;
  return a;
}

}  // namespace

class Ledger::Impl {
 public:
  Impl(LedgerLimits limits, Moment now) : start_(now), now_(now.clock), samples_(limits), since_(now.wall) {}

  void fold(const Batch& batch, std::size_t worker, Moment now, const Resolve& resolve, const Hear& hear);
  void advance(TimePoint now);
  ViewPtr view(const ViewRequest& request, bool is_cumulative, Moment now);
  Course course(const CourseRequest& request, Moment now);
  PeopleView people(Party party, const PeopleRequest& request, Moment now);
  void reset(const Scope& scope, Moment now);
  void merge_series(RouteId from, RouteId into);
  void set_limits(LedgerLimits limits) { samples_.set_limits(limits); }
  void count_networks(bool on) { counts_networks_ = on; }
  std::size_t bytes() const;

 private:
  void fold_record(const Record& record, const Detail& detail, std::size_t worker, Moment now);
  void note_people(const Record& record, const Detail& detail, SliceNumber slice, WallTime ended);
  void fold_tally(const Tally& tally, std::size_t worker, Moment now);
  void note_picture(const Batch& batch, std::size_t worker);
  Slow slow_of(const Record& record, Series& series) const;
  void note_late(bool was_in_time) { asides_.late += !was_in_time; }
  Series& series(RouteId route, Method method);
  Server& server(ServerId id);
  std::uint32_t in_flight(const Scope& scope) const;
  void add_series(View& view, const ViewRequest& request) const;
  void add_said(View& view, const Series& series, SaidFigures& figures) const;
  void add_levels(View& view, const Series& series, SeriesView& shown) const;
  void add_servers(View& view, bool with_phases) const;
  double oldest_share() const;

  /// A time that is yet to come belongs to now, one from before the start to the start.
  SliceNumber slice_of(std::int64_t clock_ns) const {
    const std::int64_t since_start = clock_ns - start_.clock.time_since_epoch().count();
    return std::clamp<SliceNumber>(since_start / kSlice.count(), 0, current_);
  }
  static WallTime wall_of(std::int64_t clock_ns, Moment now) {
    const Nanos age = std::max(Nanos(0), now.clock.time_since_epoch() - Nanos(clock_ns));
    return now.wall - std::chrono::duration_cast<WallTime::duration>(age);
  }

  Moment start_;
  TimePoint now_;  ///< the latest we have been told; never goes back
  SliceNumber current_ = 0;
  std::vector<std::unique_ptr<Series>> series_;
  SeriesIndex index_;
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
  WallTime since_;
};

void Ledger::Impl::advance(TimePoint now) {
  now_ = std::max(now_, now);
  const SliceNumber current = (now_ - start_.clock) / kSlice;
  if (current == current_) return;
  current_ = current;
  for (const auto& series : series_) series->advance(current);
  for (const auto& server : servers_) server->history.advance(current);
  for (PeopleLedger& people : people_) people.advance(current);
}

Series& Ledger::Impl::series(RouteId route, Method method) {
  std::uint32_t& place = index_.place(route, method);
  if (place == SeriesIndex::kNone) {
    place = static_cast<std::uint32_t>(series_.size());
    series_.push_back(std::make_unique<Series>(route, method));
    series_.back()->advance(current_);
  }
  return *series_[place];
}

Server& Ledger::Impl::server(ServerId id) {
  while (servers_.size() <= id.index()) {
    servers_.push_back(std::make_unique<Server>());
    servers_.back()->history.advance(current_);
  }
  return *servers_[id.index()];
}

void Ledger::Impl::fold(const Batch& batch, std::size_t worker, Moment now, const Resolve& resolve,
                        const Hear& hear) {
  advance(now.clock);
  ++fold_;
  std::size_t slow = 0;
  std::size_t errors = 0;
  for (const Record& record : batch.records()) {
    if (record.has(kProbe)) continue;
    slow += record.has(kSlow);
    errors += record.is_error();
  }
  samples_.expect(slow, errors);
  for (Record record : batch.records()) {
    const Detail detail = batch.detail(record);
    if (record.route == kUnmatchedRoute && resolve && !record.has(kProbe)) record.route = resolve(record, detail);
    said_.clear();
    if (hear && detail.has_said()) hear(detail, said_);
    fold_record(record, detail, worker, now);
  }
  if (batch.overflow() != nullptr) fold_tally(*batch.overflow(), worker, now);
  asides_.details_left_out += batch.details_left_out();
  note_picture(batch, worker);
}

void Ledger::Impl::fold_record(const Record& record, const Detail& detail, std::size_t worker, Moment now) {
  if (record.has(kProbe)) {
    ++asides_.probes;
    return;
  }
  const SliceNumber slice = slice_of(record.ended_ns);
  const WallTime ended = wall_of(record.ended_ns, now);
  Series& target = series(record.route, record.method);
  // Before it is part of what is usual itself.
  const Slow slow = slow_of(record, target);
  note_late(target.history.add(record, slice));
  target.baseline.note(1);
  target.levels.add(record, slice);
  target.peaks.note(worker, fold_, current_, record.route_concurrency);
  day_.add(ended, 1);
  if (!said_.is_empty()) target.said.add(said_, names_, slice);
  target.last_seen = std::max(target.last_seen, ended);
  if (record.server != kNoServer) {
    Server& by = server(record.server);
    by.history.add(record, slice);
    by.last_seen = std::max(by.last_seen, ended);
  }
  note_people(record, detail, slice, ended);
  samples_.add(record, detail, said_, slow, ended);
}

Slow Ledger::Impl::slow_of(const Record& record, Series& series) const {
  if (record.has(kSlow)) return {SlowReason::threshold, Nanos(0)};
  // What is of no route has no usual duration.
  if (record.route == kUnmatchedRoute) return {};
  const auto usual = series.baseline.far_below(Nanos(record.duration_ns), series.history, current_);
  return usual ? Slow{SlowReason::p99, *usual} : Slow{};
}

void Ledger::Impl::note_people(const Record& record, const Detail& detail, SliceNumber slice, WallTime ended) {
  std::string network;
  if (counts_networks_) network = network_of(detail.client);
  const std::array<std::string_view, count_of<Party>()> names = {detail.user, detail.tenant, network};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) people_[i].add(record, names[i], slice, ended);
  }
}

void Ledger::Impl::fold_tally(const Tally& tally, std::size_t worker, Moment now) {
  for (const Tally::Entry& entry : tally.entries()) {
    Series& target = series(entry.route, entry.method);
    if (!target.history.merge(entry.figures, slice_of(entry.newest_ns))) asides_.late += entry.figures.counts.requests;
    target.baseline.note(entry.figures.counts.requests);
    target.levels.merge(entry.levels, slice_of(entry.newest_ns));
    target.peaks.note(worker, fold_, current_, entry.highest_concurrency);
    target.last_seen = std::max(target.last_seen, wall_of(entry.newest_ns, now));
  }
  for (const Tally::ServerEntry& entry : tally.servers()) {
    if (entry.figures.is_empty()) continue;
    Server& by = server(entry.server);
    by.history.merge(entry.figures, slice_of(entry.newest_ns));
    by.last_seen = std::max(by.last_seen, wall_of(entry.newest_ns, now));
  }
  for (const auto& [ended_ns, requests] : tally.seconds()) day_.add(wall_of(ended_ns, now), requests);
  asides_.probes += tally.probes();
}

/// What is under way now is not in any record yet.
void Ledger::Impl::note_picture(const Batch& batch, std::size_t worker) {
  if (worker >= workers_.size()) workers_.resize(worker + 1);
  peaks_.note(current_, batch.highest_in_flight());
  if (!batch.has_in_flight_picture()) return;
  workers_[worker].in_flight = batch.in_flight();
  for (const InFlight& some : batch.in_flight()) {
    const std::uint32_t place = index_.place(some.route, some.method);
    if (place != SeriesIndex::kNone) series_[place]->peaks.note(worker, fold_, current_, some.count);
  }
  peaks_.note(current_, in_flight({}));
}

std::uint32_t Ledger::Impl::in_flight(const Scope& scope) const {
  std::uint32_t total = 0;
  for (const Worker& worker : workers_) {
    for (const InFlight& some : worker.in_flight) {
      if (scope.holds(some.route, some.method)) total += some.count;
    }
  }
  return total;
}

/// How much of the oldest slice of the last minute is younger than sixty seconds.
double Ledger::Impl::oldest_share() const {
  const Nanos into_slice = (now_ - start_.clock) % kSlice;
  return 1 - seconds(into_slice) / seconds(kSlice);
}

ViewPtr Ledger::Impl::view(const ViewRequest& request, bool is_cumulative, Moment now) {
  advance(now.clock);
  auto view = std::make_shared<View>();
  view->window = request.window;
  view->is_cumulative = is_cumulative;
  view->as_of = now;
  view->started = start_.wall;
  view->since = is_cumulative ? start_.wall : since_;
  view->uptime = now_ - start_.clock;
  view->asides = asides_;
  if (is_cumulative) view->asides += retired_asides_;
  view->concurrency = {in_flight(request.scope), peaks_.highest(request.window, current_)};
  if (is_cumulative) {
    for (std::size_t i = 0; i < people_.size(); ++i) view->active[i] = people_[i].active();
  }
  view->busy = day_.busy(now.wall);
  add_series(*view, request);
  if (request.with_servers) add_servers(*view, request.with_phases);
  if (request.with_samples) samples_.copy_to(*view, request.scope);
  return view;
}

void Ledger::Impl::add_series(View& view, const ViewRequest& request) const {
  const double share = oldest_share();
  if (request.with_series) view.series.reserve(series_.size());
  for (const auto& series : series_) {
    if (!request.scope.holds(series->route, series->method)) continue;
    if (view.is_cumulative ? !series->history.has_cumulative() : series->history.is_empty()) continue;
    SeriesView one;
    if (view.is_cumulative) {
      series->history.add_cumulative(one.figures, request.with_phases);
    } else {
      series->history.add_to(one.figures, request.window, request.with_phases);
    }
    one.requests_per_minute = series->history.last_minute(share);
    // Workers' peaks may have come one after the other; more than in all there never were.
    one.highest_in_flight = std::min(series->peaks.highest(request.window, current_), view.concurrency.highest);
    if (request.with_phases) {
      view.total.merge(one.figures);
    } else {
      view.total.merge_without_phases(one.figures);
    }
    if (request.with_said) add_said(view, *series, one.said);
    if (request.with_levels) add_levels(view, *series, one);
    view.requests_per_minute += one.requests_per_minute;
    if (!request.with_series) continue;
    one.route = series->route;
    one.method = series->method;
    one.last_seen = series->last_seen;
    view.series.push_back(std::move(one));
  }
  sort_series(view.series);
  for (const Worker& worker : workers_) {
    for (const InFlight& some : worker.in_flight) {
      const auto one = find_series(view.series, some.route, some.method);
      if (one != view.series.end()) one->in_flight += some.count;
    }
  }
}

void Ledger::Impl::add_said(View& view, const Series& series, SaidFigures& figures) const {
  if (view.is_cumulative) {
    series.said.add_cumulative(figures, names_);
  } else {
    series.said.add_to(figures, names_, view.window);
  }
  view.said.merge(figures);
}

void Ledger::Impl::add_levels(View& view, const Series& series, SeriesView& shown) const {
  if (view.is_cumulative) {
    series.levels.add_cumulative(shown.levels, shown.figures.duration);
  } else {
    series.levels.add_to(shown.levels, shown.figures.duration, view.window);
  }
  merge_levels(view.levels, shown.levels);
}

void Ledger::Impl::add_servers(View& view, bool with_phases) const {
  const double share = oldest_share();
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const Server& server = *servers_[i];
    if (view.is_cumulative ? !server.history.has_cumulative() : server.history.is_empty()) continue;
    ServerView one;
    one.server = ServerId(static_cast<std::uint32_t>(i));
    if (view.is_cumulative) {
      server.history.add_cumulative(one.figures, with_phases);
    } else {
      server.history.add_to(one.figures, view.window, with_phases);
    }
    one.requests_per_minute = server.history.last_minute(share);
    one.last_seen = server.last_seen;
    view.servers.push_back(std::move(one));
  }
}

Course Ledger::Impl::course(const CourseRequest& request, Moment now) {
  advance(now.clock);
  const CourseBuilder::Setting setting{start_, {now_, now.wall}, since_, current_};
  CourseBuilder builder(request.window, setting, request.holds ? nullptr : &course_memory_);
  for (const auto& series : series_) {
    if (!request.holds || request.holds(series->route, series->method)) builder.add(series->history);
  }
  return builder.finish(request.holds ? nullptr : &peaks_);
}

PeopleView Ledger::Impl::people(Party party, const PeopleRequest& request, Moment now) {
  advance(now.clock);
  PeopleView view;
  view.request = request;
  view.as_of = now;
  view.since = since_;
  people_[static_cast<std::size_t>(party)].write(view);
  return view;
}

void Ledger::Impl::reset(const Scope& scope, Moment now) {
  advance(now.clock);
  for (const auto& series : series_) {
    if (scope.holds(series->route, series->method)) series->reset();
  }
  samples_.reset(scope);
  course_memory_.clear();
  if (!scope.is_everything()) return;
  for (const auto& server : servers_) server->history.reset();
  retired_asides_ += asides_;
  asides_ = {};
  peaks_ = {};
  day_ = {};
  for (PeopleLedger& people : people_) people.reset();
  since_ = now.wall;
}

void Ledger::Impl::merge_series(RouteId from, RouteId into) {
  WEIR_CHECK(from != into, "a route cannot be merged into itself");
  for (std::size_t m = 0; m < count_of<Method>(); ++m) {
    const auto method = static_cast<Method>(m);
    const std::uint32_t place = index_.place(from, method);
    if (place == SeriesIndex::kNone) continue;
    Series& source = *series_[place];
    Series& target = series(into, method);
    // The place in the list stays, empty: others are known by their position.
    target.take_over(source, current_);
  }
  samples_.rename(from, into);
  for (Worker& worker : workers_) {
    for (InFlight& some : worker.in_flight) {
      if (some.route == from) some.route = into;
    }
  }
}

std::size_t Ledger::Impl::bytes() const {
  std::size_t total = sizeof(Impl) + index_.bytes() + samples_.bytes();
  for (const auto& series : series_) total += series->bytes();
  for (const auto& server : servers_) total += sizeof(Server) - sizeof(History) + server->history.bytes();
  for (const PeopleLedger& people : people_) total += people.bytes();
  return total;
}

Ledger::Ledger(LedgerLimits limits, Moment now) : impl_(std::make_unique<Impl>(limits, now)) {}
Ledger::~Ledger() = default;

void Ledger::fold(const Batch& batch, std::size_t worker, Moment now, const Resolve& resolve,
                  const Hear& hear) {
  impl_->fold(batch, worker, now, resolve, hear);
}
void Ledger::advance(TimePoint now) { impl_->advance(now); }
ViewPtr Ledger::view(const ViewRequest& request, Moment now) { return impl_->view(request, false, now); }
Course Ledger::course(const CourseRequest& request, Moment now) { return impl_->course(request, now); }
ViewPtr Ledger::cumulative_view(Moment now) { return impl_->view({.with_levels = true, .with_samples = false}, true, now); }
PeopleView Ledger::people(Party party, const PeopleRequest& request, Moment now) {
  return impl_->people(party, request, now);
}
void Ledger::reset(const Scope& scope, Moment now) { impl_->reset(scope, now); }
void Ledger::merge_series(RouteId from, RouteId into) { impl_->merge_series(from, into); }
void Ledger::set_limits(LedgerLimits limits) { impl_->set_limits(limits); }
void Ledger::count_networks(bool on) { impl_->count_networks(on); }
std::size_t Ledger::bytes() const { return impl_->bytes(); }

}  // namespace weir::stats
