#include <algorithm>
#include <memory>
#include <unordered_map>

#include <fmt/format.h>

#include <weir/base/json_writer.h>
#include <weir/export/performance_json.h>

#include "concurrency_json.h"
#include "figures_json.h"
#include "rows.h"

namespace weir::exporter {

namespace {

/// How the whole and each phase are distributed, by name: what targets can be set for.
void write_types(JsonWriter& json, const stats::Figures& figures) {
  json.key("types").begin_object().key("duration");
  write_distribution(json, figures.duration);
  for (std::size_t i = 0; i < stats::kPhases; ++i) {
    json.key(label(static_cast<stats::Phase>(i)));
    write_distribution(json, figures.phases[i]);
  }
  json.end_object();
}

void write_window(JsonWriter& json, const Picture& picture) {
  const stats::View& view = *picture.view;
  const Sum sum = sum_of(view, picture.selection);
  const stats::Figures::Counts& counts = sum.figures.counts;
  json.key(label(view.window)).begin_object();
  json.member("total_requests", counts.requests).member("total_errors", counts.errors);
  json.member("error_rate", tidy_percent(sum.figures.error_rate())).member("slow_queries_count", counts.slow);
  json.member("requests_per_minute", tidy_rate(sum.requests_per_minute()));
  json.key("concurrency").begin_object();
  json.member("now", sum.in_flight).member("highest", sum.highest_in_flight).key("levels");
  write_levels(json, sum.levels);
  json.end_object();
  write_types(json, sum.figures);
  json.key("components");
  write_components(json, sum.said);
  json.key("caches");
  write_caches(json, sum.said);
  json.end_object();
}

void sort_routes(std::vector<RouteEntry>& routes, RouteSort sort,
                 std::unordered_map<RouteId, std::uint64_t>& requests) {
  const auto by = [&](auto is_before) { std::stable_sort(routes.begin(), routes.end(), is_before); };
  switch (sort) {
    case RouteSort::known: break;
    case RouteSort::path:
      by([](const RouteEntry& a, const RouteEntry& b) { return a.path < b.path; });
      break;
    case RouteSort::total_requests:
      by([&](const RouteEntry& a, const RouteEntry& b) { return requests[a.id] > requests[b.id]; });
      break;
    case RouteSort::distinct_paths:
      by([](const RouteEntry& a, const RouteEntry& b) { return a.distinct_paths > b.distinct_paths; });
      break;
  }
}

}  // namespace

stats::ViewPtr narrowed(const Picture& picture) {
  if (picture.selection.is_everything()) return picture.view;
  auto view = std::make_shared<stats::View>();
  view->window = picture.view->window;
  view->as_of = picture.view->as_of;
  view->since = picture.view->since;
  view->uptime = picture.view->uptime;
  view->measured = picture.view->measured;
  view->total = sum_of(*picture.view, picture.selection).figures;
  return view;
}

std::string metrics_json(std::span<const Picture> pictures) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  if (!pictures.empty()) {
    const Picture& first = pictures.front();
    // Of the first of the windows that follow: the last minute, where nobody chose another.
    json.member("requests_per_minute", tidy_rate(sum_of(*first.view, first.selection).requests_per_minute()));
    write_bounds(json, *first.view, first.is_stale);
    if (first.selection.is_everything()) {
      json.key("day");
      write_busy_times(json, first.view->busy);
    }
  }
  json.key("windows").begin_object();
  for (const Picture& picture : pictures) write_window(json, picture);
  json.end_object().end_object();
  return out;
}

std::string routes_json(const stats::View& view, std::vector<RouteEntry> routes, std::size_t max_routes,
                        const RoutesRequest& request) {
  std::unordered_map<RouteId, std::uint64_t> requests;
  std::unordered_map<RouteId, std::uint64_t> in_flight;
  for (const stats::SeriesView& series : view.series) {
    requests[series.route] += series.figures.counts.requests;
    in_flight[series.route] += series.in_flight;
  }
  const std::size_t known = routes.size();
  sort_routes(routes, request.sort, requests);
  if (request.limit && routes.size() > *request.limit) routes.resize(*request.limit);
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("routes").begin_array();
  for (const RouteEntry& route : routes) {
    json.begin_object().member("pattern", route.pattern);
    write_text_or_null(json, "method", route.method);
    json.member("path", route.path);
    write_text_or_null(json, "name", route.name);
    json.member("source", route.source);
    write_text_or_null(json, "file", route.file);
    write_text_or_null(json, "group", route.group);
    json.member("total_requests", requests[route.id]).member("distinct_paths", route.distinct_paths);
    json.member("pinned", route.is_pinned).member("explain", route.explain);
    json.member("in_flight", in_flight[route.id]).end_object();
  }
  json.end_array().member("count", routes.size()).member("known", known).member("max_routes", max_routes);
  json.member("window", label(view.window)).member("as_of", rfc3339(view.as_of.wall)).end_object();
  return out;
}

std::string health_json(const stats::View& view, const judge::Health& health, bool is_stale, std::string_view name) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("status", label(health.state)).member("timestamp", rfc3339(view.as_of.wall));
  json.key("metrics").begin_object().member("total_requests", view.total.counts.requests);
  json.member("error_rate", tidy_percent(view.total.error_rate())).member("slow_queries", view.total.counts.slow);
  json.member("uptime", uptime_text(view.uptime)).end_object();
  json.member("window", label(view.window)).key("reasons").begin_array();
  for (const std::string& reason : health.reasons) json.value(reason);
  json.end_array().member("cache_status", "in-memory");
  if (!name.empty()) json.member("name", name);
  if (is_stale) json.member("stale", true);
  json.end_object();
  return out;
}

std::string reset_json(WallTime at) {
  std::string out;
  JsonWriter(out).begin_object().member("status", "reset").member("timestamp", rfc3339(at)).end_object();
  return out;
}

std::string uptime_text(Nanos uptime) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(uptime).count();
  const auto minutes = whole / 60;
  const auto hours = minutes / 60;
  if (hours >= 24) return fmt::format("{}d {}h", hours / 24, hours % 24);
  if (hours > 0) return fmt::format("{}h {}m", hours, minutes % 60);
  if (minutes > 0) return fmt::format("{}m {}s", minutes, whole % 60);
  return fmt::format("{}s", whole);
}

}  // namespace weir::exporter
