#include <algorithm>
#include <limits>
#include <utility>

#include "ledger_impl.h"
#include "series_order.h"

namespace weir::stats {

namespace {

void add_to_total(View& view, const SeriesView& one, bool with_phases) {
  if (with_phases) {
    view.total.merge(one.figures);
  } else {
    view.total.merge_without_phases(one.figures);
  }
}

}  // namespace

std::uint32_t Ledger::Impl::in_flight(const Scope& scope) const {
  std::uint32_t total = 0;
  for (const Worker& worker : workers_) {
    for (const InFlight& some : worker.in_flight) {
      if (scope.holds(some.route, some.method)) total += some.count;
    }
  }
  return total;
}

std::int64_t Ledger::Impl::begin_of(Window window) const {
  const auto begin = [&](SliceNumber grain, SliceNumber span) { return clock_of((current_ / grain - span) * grain); };
  switch (window) {
    case Window::minute: return begin(1, 12);
    case Window::five_minutes: return begin(1, 60);
    case Window::hour: return begin(kSlicesPerMinute, 60);
    case Window::day: return begin(kSlicesPerQuarter, 96);
    case Window::all: break;
  }
  return std::numeric_limits<std::int64_t>::min();
}

Nanos Ledger::Impl::measured(Window window, TimePoint since) const {
  if (window != Window::all) since = std::max(since, time_of(begin_of(window)));
  return std::max(Nanos(0), Nanos(now_ - since));
}

/// From when on some of them were measured.
TimePoint Ledger::Impl::since_of(const std::function<bool(RouteId, Method)>& holds) const {
  std::optional<TimePoint> earliest;
  for (const auto& series : series_) {
    if (!holds(series->route, series->method)) continue;
    const TimePoint since = since_of(*series);
    earliest = std::min(earliest.value_or(since), since);
  }
  return earliest.value_or(since_);
}

ViewPtr Ledger::Impl::view(const ViewRequest& request, bool is_cumulative, Moment now) {
  advance(now.clock);
  auto view = std::make_shared<View>();
  view->window = request.window;
  view->is_cumulative = is_cumulative;
  view->as_of = now;
  view->started = wall_of(start_.clock, now);
  view->created = start_.wall;
  view->since = is_cumulative ? view->started : wall_of(since_, now);
  view->uptime = now_ - start_.clock;
  view->asides = asides_;
  if (is_cumulative) view->asides += retired_asides_;
  view->measured = measured(request.window, is_cumulative ? start_.clock : since_);
  view->concurrency = {in_flight(request.scope), peaks_.highest(request.window, current_)};
  if (is_cumulative) {
    for (std::size_t i = 0; i < people_.size(); ++i) view->active[i] = people_[i].active();
  }
  view->busy = day_.busy(now);
  add_series(*view, request);
  if (request.with_servers) add_servers(*view, request.with_phases);
  if (request.with_samples) samples_.copy_to(*view, request.scope, begin_of(request.window), request.drawn_from);
  return view;
}

/// In the order of the series.
std::vector<std::uint32_t> Ledger::Impl::in_flight_by_series() const {
  std::vector<std::uint32_t> counts(series_.size());
  for (const Worker& worker : workers_) {
    for (const InFlight& some : worker.in_flight) {
      const std::uint32_t place = index_.find(some.route, some.method);
      if (place != SeriesIndex::kNone) counts[place] += some.count;
    }
  }
  return counts;
}

void Ledger::Impl::add_series(View& view, const ViewRequest& request) {
  const std::vector<std::uint32_t> in_flight = in_flight_by_series();
  if (request.with_series) view.series.reserve(series_.size());
  for (std::size_t i = 0; i < series_.size(); ++i) {
    Series& series = *series_[i];
    if (!request.scope.holds(series.route, series.method)) continue;
    // One that was exported stays: its counters went from 0 at the start on.
    const bool is_known =
        view.is_cumulative ? series.history.has_cumulative() || series.created.has_value() : !series.history.is_empty();
    if (!is_known && in_flight[i] == 0) continue;
    SeriesView one;
    one.in_flight = in_flight[i];
    one.measured = measured(view.window, since_of(series));
    // Workers' peaks may have come one after the other; more than in all there never were.
    one.highest_in_flight = std::min(series.peaks.highest(request.window, current_), view.concurrency.highest);
    if (view.is_cumulative) {
      add_cumulative(view, series, request, one);
    } else {
      series.history.add_to(one.figures, request.window, request.with_phases);
      add_to_total(view, one, request.with_phases);
      if (request.with_said) add_said(view, series, one.said);
      if (request.with_levels) add_levels(view, series, one);
    }
    if (!request.with_series) continue;
    one.route = series.route;
    one.method = series.method;
    one.last_seen = wall_of(series.last_seen, view.as_of);
    view.series.push_back(std::move(one));
  }
  sort_series(view.series);
}

/// Into the totals goes all that it has, into its own figures what was counted under its label.
void Ledger::Impl::add_cumulative(View& view, Series& series, const ViewRequest& request, SeriesView& shown) const {
  series.history.add_cumulative(shown.figures, request.with_phases);
  add_to_total(view, shown, request.with_phases);
  if (request.with_said) add_said(view, series, shown.said);
  if (request.with_levels) add_levels(view, series, shown);
  if (!series.created) series.created = wall_of(series.began, view.as_of);
  shown.created = *series.created;
  Series::Exported own{std::move(shown.figures), std::move(shown.said)};
  series.take_out_elsewhere(own, request.with_phases);
  shown.figures = std::move(own.figures);
  shown.said = std::move(own.said);
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

void Ledger::Impl::add_servers(View& view, bool with_phases) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    Server& server = *servers_[i];
    const bool has_figures = view.is_cumulative ? server.history.has_cumulative() : !server.history.is_empty();
    if (!has_figures && !(view.is_cumulative && server.failed_attempts != FailedAttempts::Counts())) continue;
    ServerView one;
    one.server = ServerId(static_cast<std::uint32_t>(i));
    if (view.is_cumulative) {
      server.history.add_cumulative(one.figures, with_phases);
      one.attempts = server.failed_attempts.with_responses(one.figures.counts.requests);
      if (!server.created) server.created = wall_of(server.began, view.as_of);
      one.created = *server.created;
    } else {
      server.history.add_to(one.figures, view.window, with_phases);
    }
    one.last_seen = wall_of(server.last_seen, view.as_of);
    view.servers.push_back(std::move(one));
  }
}

Course Ledger::Impl::course(const CourseRequest& request, Moment now) {
  advance(now.clock);
  const TimePoint since = request.holds ? since_of(request.holds) : since_;
  const CourseBuilder::Setting setting{start_, {now_, now.wall}, since, current_};
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
  view.since = wall_of(since_, now);
  people_[static_cast<std::size_t>(party)].write(view);
  return view;
}

}  // namespace weir::stats
