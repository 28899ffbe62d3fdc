#include <weir/export/events_json.h>

#include <algorithm>
#include <vector>

#include <weir/base/json_writer.h>
#include <weir/export/legend.h>

#include "figures_json.h"

namespace weir::exporter {

namespace {

using stats::EventFigures;
using stats::EventKind;

/// One name and kind, all tags together.
struct EventRow {
  const stats::EventEntry* entry;
  EventFigures sum;
};

bool has_values(EventKind kind) { return kind == EventKind::timing || kind == EventKind::distribution; }

double count_of(EventKind kind, const EventFigures& figures) {
  if (!has_values(kind)) return figures.count.net();
  return static_cast<double>(stats::SignedValues(figures).count());
}

/// Durations alone compare with each other: what is none comes last.
double duration_of(const EventRow& row, EventOrder order) {
  const stats::Sketch& values = row.sum.values;
  if (row.entry->kind != EventKind::timing || values.is_empty()) return -1;
  switch (order) {
    case EventOrder::avg_duration: return values.mean_seconds();
    case EventOrder::max_duration: return seconds(values.max());
    case EventOrder::p50_duration: return seconds(values.quantile(0.5));
    case EventOrder::p90_duration: return seconds(values.quantile(0.9));
    case EventOrder::p95_duration: return seconds(values.quantile(0.95));
    default: return seconds(values.quantile(0.99));
  }
}

double weight_of(const EventRow& row, EventOrder order) {
  switch (order) {
    case EventOrder::name: return 0;
    case EventOrder::count:
    case EventOrder::per_minute: return count_of(row.entry->kind, row.sum);
    case EventOrder::last_seen: return static_cast<double>(row.sum.last_seen.time_since_epoch().count());
    default: return duration_of(row, order);
  }
}

/// The view's own order, by name, decides between equals.
std::vector<EventRow> rows_of(const stats::EventsView& view, const EventsRequest& request) {
  std::vector<EventRow> rows;
  for (const stats::EventEntry& entry : view.events) {
    if (!request.name.empty() && entry.name != request.name) continue;
    if (request.kind && entry.kind != *request.kind) continue;
    EventRow& row = rows.emplace_back(EventRow{&entry, entry.series.front().figures});
    for (std::size_t i = 1; i < entry.series.size(); ++i) row.sum.merge(entry.series[i].figures);
  }
  std::vector<std::pair<double, std::size_t>> places;
  for (std::size_t i = 0; i < rows.size(); ++i) places.emplace_back(-weight_of(rows[i], request.order), i);
  std::sort(places.begin(), places.end());
  if (request.limit && places.size() > *request.limit) places.resize(*request.limit);
  std::vector<EventRow> ordered;
  for (const auto& [weight, i] : places) ordered.push_back(std::move(rows[i]));
  return ordered;
}

void write_gauge(JsonWriter& json, const EventFigures& figures) {
  json.member("value", figures.level);
  if (figures.levels.is_empty) {
    json.key("min").null().key("max").null();
  } else {
    json.member("min", figures.levels.lowest).member("max", figures.levels.highest);
  }
}

void write_figures(JsonWriter& json, EventKind kind, const EventFigures& figures, double minutes) {
  const double count = count_of(kind, figures);
  json.member("count", count).member("per_minute", tidy_rate(minutes > 0 ? count / minutes : 0));
  switch (kind) {
    case EventKind::counter:
      if (figures.count.down != 0) json.member("taken_back", figures.count.downs());
      break;
    case EventKind::timing: write_durations(json, figures.values); break;
    case EventKind::distribution:
      write_values(json, stats::SignedValues(figures));
      break;
    case EventKind::gauge: write_gauge(json, figures); break;
    case EventKind::set:
      json.member("members", figures.members.value());
      json.member("members_relative_error", figures.members.is_exact() ? 0 : stats::PeopleView::kActiveError);
      break;
  }
  json.member("last_seen", rfc3339(figures.last_seen));
}

void write_series(JsonWriter& json, const EventRow& row, double minutes) {
  json.key("series").begin_array();
  for (const stats::EventSeries& series : row.entry->series) {
    json.begin_object().key("tags").begin_object();
    for (const stats::Tag& tag : series.tags) json.member(tag.name, tag.value);
    json.end_object();
    write_figures(json, row.entry->kind, series.figures, minutes);
    json.end_object();
  }
  json.end_array();
}

void write_row(JsonWriter& json, const EventRow& row, double minutes) {
  const auto& series = row.entry->series;
  json.begin_object().member("name", row.entry->name).member("type", label(row.entry->kind));
  write_figures(json, row.entry->kind, row.sum, minutes);
  if (series.size() > 1 || !series.front().tags.empty()) write_series(json, row, minutes);
  json.end_object();
}

void write_bad_line(JsonWriter& json, const StatsdFigures::BadLine& bad) {
  json.begin_object().member("timestamp", rfc3339(bad.at)).member("reason", bad.outcome);
  json.member("line", printable(bad.text)).end_object();
}

void write_statsd(JsonWriter& json, const StatsdFigures& statsd) {
  std::uint64_t malformed = 0;
  std::uint64_t simplified = 0;
  json.begin_object().member("address", statsd.address).member("datagrams", statsd.datagrams);
  json.member("datagrams_dropped", statsd.dropped).member("datagrams_too_long", statsd.too_long);
  json.key("lines").begin_object();
  for (const StatsdFigures::Lines& lines : statsd.lines) {
    json.member(lines.outcome, lines.count);
    if (lines.is_malformed) malformed += lines.count;
    if (lines.is_simplified) simplified += lines.count;
  }
  json.end_object()
      .member("malformed", malformed)
      .member("simplified", simplified)
      .key("recent_malformed")
      .begin_array();
  for (const StatsdFigures::BadLine& bad : statsd.bad_lines) write_bad_line(json, bad);
  json.end_array().end_object();
}

}  // namespace

std::string events_json(const stats::EventsView& view, const EventsRequest& request,
                        const std::optional<StatsdFigures>& statsd, bool is_stale) {
  const std::vector<EventRow> rows = rows_of(view, request);
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("events").begin_array();
  for (const EventRow& row : rows) write_row(json, row, view.minutes);
  json.end_array().member("count", rows.size()).member("overflowed", view.overflowed);
  json.key("statsd");
  if (statsd) {
    write_statsd(json, *statsd);
  } else {
    json.null();
  }
  json.member("sort", label(request.order)).member("window", label(view.window)).member("since", rfc3339(view.since));
  json.member("relative_error", stats::Sketch::kRelativeError).member("as_of", rfc3339(view.as_of.wall));
  if (is_stale) json.member("stale", true);
  json.end_object();
  return out;
}

std::string accepted_json(std::size_t accepted) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("status", "accepted").member("accepted", accepted).end_object();
  return out;
}

}  // namespace weir::exporter
