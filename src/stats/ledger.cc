#include <algorithm>
#include <array>
#include <string>

#include <weir/base/check.h>
#include <weir/base/network.h>
#include <weir/stats/events.h>

#include "ledger_impl.h"
#include "tally.h"

namespace weir::stats {

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
    series_.push_back(std::make_unique<Series>(route, method, now_));
    series_.back()->advance(current_);
  }
  return *series_[place];
}

Ledger::Impl::Server& Ledger::Impl::server(ServerId id) {
  while (servers_.size() <= id.index()) {
    servers_.push_back(std::make_unique<Server>());
    servers_.back()->history.advance(current_);
    servers_.back()->began = now_;
  }
  return *servers_[id.index()];
}

void Ledger::Impl::fold(const Batch& batch, std::size_t worker, Moment now, const Resolve& resolve,
                        const Hear& hear, const Succeed& succeed) {
  advance(now.clock);
  ++fold_;
  for (Record record : batch.records()) {
    const Detail detail = batch.detail(record);
    record.route = current(record.route);
    if (record.route == kUnmatchedRoute && resolve && !record.has(kProbe)) find_route(record, detail, resolve);
    said_.clear();
    if (hear && detail.has_said()) hear(detail, said_);
    fold_record(record, detail, worker, now);
    if (succeed && !record.has(kProbe) && is_success(record)) succeed(record.route, 1, time_of(record.ended_ns));
  }
  samples_.settle(batch);
  if (batch.overflow() != nullptr) {
    fold_tally(*batch.overflow(), worker);
    for (const Tally::Entry& entry : batch.overflow()->entries()) {
      if (succeed && entry.successes != 0) succeed(entry.route, entry.successes, time_of(entry.newest_ns));
    }
  }
  asides_.details_left_out += batch.details_left_out();
  for (PeopleLedger& people : people_) people.add_nameless(batch.nameless());
  note_attempts(batch);
  note_picture(batch, worker);
}

/// The worker counted the record among all that had no route. Of the route that it has now, only itself is known.
void Ledger::Impl::find_route(Record& record, const Detail& detail, const Resolve& resolve) {
  record.route = resolve(record, detail);
  if (record.route != kUnmatchedRoute) record.route_concurrency = std::min<std::uint16_t>(record.route_concurrency, 1);
}

void Ledger::Impl::note_attempts(const Batch& batch) {
  if (batch.failed_attempts().is_empty()) return;
  const std::span<const FailedAttempts::Counts> counts = batch.failed_attempts().counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != FailedAttempts::Counts())
      server(ServerId(static_cast<std::uint32_t>(i))).failed_attempts.add(counts[i]);
  }
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
  day_.add(time_of(record.ended_ns), 1);
  if (!said_.is_empty()) target.said.add(said_, names_, slice);
  target.last_seen = std::max(target.last_seen, time_of(record.ended_ns));
  if (record.server != kNoServer) {
    Server& by = server(record.server);
    by.history.add(record, slice);
    by.last_seen = std::max(by.last_seen, time_of(record.ended_ns));
  }
  if (record.detail != kNoDetail) note_people(record, detail, slice);
  const bool is_ordinary = slow.reason == SlowReason::none && !record.is_error() && !record.has(kSampled);
  if (!is_ordinary) samples_.add(record, said_, slow, ended, clock_of(std::max(slice, current_ - 1)));
}

Slow Ledger::Impl::slow_of(const Record& record, Series& series) const {
  if (record.has(kSlow)) return {SlowReason::threshold, Nanos(0)};
  // What is of no route has no usual duration.
  if (record.route == kUnmatchedRoute) return {};
  const auto usual = series.baseline.far_below(Nanos(record.duration_ns), series.history, current_);
  return usual ? Slow{SlowReason::p99, *usual} : Slow{};
}

void Ledger::Impl::note_people(const Record& record, const Detail& detail, SliceNumber slice) {
  std::string network;
  if (counts_networks_) network = network_of(detail.client);
  const std::array<std::string_view, count_of<Party>()> names = {detail.user, detail.tenant, network};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) people_[i].add(record, names[i], slice);
  }
}

void Ledger::Impl::fold_tally(const Tally& tally, std::size_t worker) {
  for (const Tally::Entry& entry : tally.entries()) {
    Series& target = series(current(entry.route), entry.method);
    if (!target.history.merge(entry.figures, slice_of(entry.newest_ns))) asides_.late += entry.figures.counts.requests;
    target.baseline.note(entry.figures.counts.requests);
    target.levels.merge(entry.levels, slice_of(entry.newest_ns));
    target.peaks.note(worker, fold_, current_, entry.highest_concurrency);
    target.last_seen = std::max(target.last_seen, time_of(entry.newest_ns));
  }
  for (const Tally::ServerEntry& entry : tally.servers()) {
    if (entry.figures.is_empty()) continue;
    Server& by = server(entry.server);
    by.history.merge(entry.figures, slice_of(entry.newest_ns));
    by.last_seen = std::max(by.last_seen, time_of(entry.newest_ns));
  }
  for (const auto& [ended_ns, requests] : tally.seconds()) day_.add(time_of(ended_ns), requests);
  asides_.probes += tally.probes();
}

namespace {

/// Sums up what is there of one route and method.
void join_equal(std::vector<InFlight>& picture) {
  const auto key = [](const InFlight& some) { return std::pair(some.route.index(), some.method); };
  std::sort(picture.begin(), picture.end(), [&](const InFlight& a, const InFlight& b) { return key(a) < key(b); });
  std::size_t kept = 0;
  for (const InFlight& some : picture) {
    if (kept > 0 && key(picture[kept - 1]) == key(some)) {
      picture[kept - 1].count += some.count;
    } else {
      picture[kept++] = some;
    }
  }
  picture.resize(kept);
}

}  // namespace

/// What is under way now is not in any record yet.
void Ledger::Impl::note_picture(const Batch& batch, std::size_t worker) {
  if (worker >= workers_.size()) workers_.resize(worker + 1);
  peaks_.note(current_, batch.highest_in_flight());
  if (!batch.has_in_flight_picture()) return;
  std::vector<InFlight>& picture = workers_[worker].in_flight;
  picture = batch.in_flight();
  // An exchange has the route that its worker's table named when it began; several may be one route now.
  for (InFlight& some : picture) some.route = current(some.route);
  join_equal(picture);
  // A route that has finished nothing yet gets its series here, so that what hangs is seen.
  for (const InFlight& some : picture) series(some.route, some.method).peaks.note(worker, fold_, current_, some.count);
  peaks_.note(current_, in_flight({}));
}

void Ledger::Impl::reset(const Scope& scope, Moment now) {
  advance(now.clock);
  for (const auto& series : series_) {
    if (scope.holds(series->route, series->method)) series->reset_alone(scope.is_everything() ? TimePoint() : now_);
  }
  samples_.reset(scope);
  course_memory_.clear();
  if (!scope.is_everything()) return;
  for (const auto& server : servers_) server->history.reset();
  retired_asides_ += asides_;
  asides_ = {};
  peaks_ = {};
  day_ = DayMinutes(start_);
  for (PeopleLedger& people : people_) people.reset();
  since_ = now_;
}

std::vector<SeriesView> Ledger::Impl::merge_series(RouteId from, RouteId into) {
  WEIR_CHECK(from != into, "a route cannot be merged into itself");
  std::vector<SeriesView> ended;
  for (std::size_t m = 0; m < count_of<Method>(); ++m) {
    const auto method = static_cast<Method>(m);
    const std::uint32_t place = index_.place(from, method);
    if (place == SeriesIndex::kNone) continue;
    Series& source = *series_[place];
    Series& target = series(into, method);
    // The place in the list stays, empty: others are known by their position.
    keep_exported(source, ended);
    target.take_over(source, names_, current_);
  }
  samples_.rename(from, into);
  for (Worker& worker : workers_) {
    for (InFlight& some : worker.in_flight) {
      if (some.route == from) some.route = into;
    }
  }
  return ended;
}

std::vector<SeriesView> Ledger::Impl::end_label(RouteId route) {
  std::vector<SeriesView> ended;
  for (std::size_t m = 0; m < count_of<Method>(); ++m) {
    const std::uint32_t place = index_.find(route, static_cast<Method>(m));
    if (place == SeriesIndex::kNone || !series_[place]->created) continue;
    keep_exported(*series_[place], ended);
    series_[place]->begin_label(names_, now_);
  }
  return ended;
}

void Ledger::Impl::keep_exported(const Series& series, std::vector<SeriesView>& kept) const {
  if (!series.created) return;
  Series::Exported last = series.exported(names_);
  SeriesView& one = kept.emplace_back();
  one.route = series.route;
  one.method = series.method;
  one.figures = std::move(last.figures);
  one.said = std::move(last.said);
  one.created = *series.created;
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
                  const Hear& hear, const Succeed& succeed) {
  impl_->fold(batch, worker, now, resolve, hear, succeed);
}
void Ledger::advance(TimePoint now) { impl_->advance(now); }
ViewPtr Ledger::view(const ViewRequest& request, Moment now) { return impl_->view(request, false, now); }
Course Ledger::course(const CourseRequest& request, Moment now) { return impl_->course(request, now); }
ViewPtr Ledger::cumulative_view(Moment now) {
  return impl_->view({.with_levels = true, .with_samples = false}, true, now);
}
PeopleView Ledger::people(Party party, const PeopleRequest& request, Moment now) {
  return impl_->people(party, request, now);
}
void Ledger::reset(const Scope& scope, Moment now) { impl_->reset(scope, now); }
std::vector<SeriesView> Ledger::merge_series(RouteId from, RouteId into) { return impl_->merge_series(from, into); }
std::vector<SeriesView> Ledger::end_label(RouteId route) { return impl_->end_label(route); }
void Ledger::set_current(Current current) { impl_->set_current(std::move(current)); }
void Ledger::set_limits(LedgerLimits limits) { impl_->set_limits(limits); }
void Ledger::count_networks(bool on) { impl_->count_networks(on); }
std::size_t Ledger::bytes() const { return impl_->bytes(); }

}  // namespace weir::stats
