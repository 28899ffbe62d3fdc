#include <algorithm>
#include <limits>
#include <utility>

#include "ledger_impl.h"
#include "series_order.h"

namespace weir::stats {

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

TimePoint Ledger::Impl::since_of(RouteId route, Method method) const {
  TimePoint since = since_clock_;
  for (const auto& [scope, at] : resets_) {
    if (scope.holds(route, method)) since = std::max(since, at);
  }
  return since;
}

/// From when on some of them were measured.
TimePoint Ledger::Impl::since_of(const std::function<bool(RouteId, Method)>& holds) const {
  std::optional<TimePoint> earliest;
  for (const auto& series : series_) {
    if (!holds(series->route, series->method)) continue;
    const TimePoint since = since_of(series->route, series->method);
    earliest = std::min(earliest.value_or(since), since);
  }
  return earliest.value_or(since_clock_);
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
  view->measured = measured(request.window, is_cumulative ? start_.clock : since_clock_);
  view->concurrency = {in_flight(request.scope), peaks_.highest(request.window, current_)};
  if (is_cumulative) {
    for (std::size_t i = 0; i < people_.size(); ++i) view->active[i] = people_[i].active();
  }
  view->busy = day_.busy(now.wall);
  add_series(*view, request);
  if (request.with_servers) add_servers(*view, request.with_phases);
  if (request.with_samples) samples_.copy_to(*view, request.scope, begin_of(request.window), request.drawn_from);
  return view;
}

void Ledger::Impl::add_series(View& view, const ViewRequest& request) const {
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
    one.measured = measured(view.window, since_of(series->route, series->method));
    // Workers' peaks may have come one after the other; more than in all there never were.
    one.highest_in_flight = std::min(series->peaks.highest(request.window, current_), view.concurrency.highest);
    if (request.with_phases) {
      view.total.merge(one.figures);
    } else {
      view.total.merge_without_phases(one.figures);
    }
    if (request.with_said) add_said(view, *series, one.said);
    if (request.with_levels) add_levels(view, *series, one);
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
    one.last_seen = server.last_seen;
    view.servers.push_back(std::move(one));
  }
}

Course Ledger::Impl::course(const CourseRequest& request, Moment now) {
  advance(now.clock);
  const TimePoint since = request.holds ? since_of(request.holds) : since_clock_;
  const WallTime since_wall = now.wall - std::chrono::duration_cast<WallTime::duration>(now_ - since);
  const CourseBuilder::Setting setting{start_, {now_, now.wall}, request.holds ? since_wall : since_, current_};
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

}  // namespace weir::stats
