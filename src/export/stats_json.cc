#include <algorithm>
#include <array>

#include <weir/base/json_writer.h>
#include <weir/export/performance_json.h>

#include "concurrency_json.h"
#include "figures_json.h"
#include "rows.h"
#include "sample_json.h"

namespace weir::exporter {

namespace {

double duration_quantile(const Row& row, double q) { return seconds(row.figures->duration.quantile(q)); }
double as_number(std::uint64_t count) { return static_cast<double>(count); }

/// Every number that people may sort by, under the name that it has in the answer.
struct SortKey {
  std::string_view name;
  double (*of)(const Row&);
};
constexpr std::array<SortKey, 17> kSortKeys = {{
    {"total_requests", [](const Row& row) { return as_number(row.figures->counts.requests); }},
    {"total_errors", [](const Row& row) { return as_number(row.figures->counts.errors); }},
    {"avg_duration", [](const Row& row) { return row.figures->duration.mean_seconds(); }},
    {"min_duration", [](const Row& row) { return seconds(row.figures->duration.min()); }},
    {"max_duration", [](const Row& row) { return seconds(row.figures->duration.max()); }},
    {"p50_duration", [](const Row& row) { return duration_quantile(row, 0.5); }},
    {"p90_duration", [](const Row& row) { return duration_quantile(row, 0.9); }},
    {"p95_duration", [](const Row& row) { return duration_quantile(row, 0.95); }},
    {"p99_duration", [](const Row& row) { return duration_quantile(row, 0.99); }},
    {"p999_duration", [](const Row& row) { return duration_quantile(row, 0.999); }},
    {"error_rate", [](const Row& row) { return row.figures->error_rate(); }},
    {"requests_per_minute", [](const Row& row) { return row.requests_per_minute(); }},
    {"in_flight", [](const Row& row) { return static_cast<double>(row.in_flight); }},
    {"highest_in_flight", [](const Row& row) { return static_cast<double>(row.highest_in_flight); }},
    {"slow_count", [](const Row& row) { return as_number(row.figures->counts.slow); }},
    {"bytes_in", [](const Row& row) { return as_number(row.figures->counts.bytes_in); }},
    {"bytes_out", [](const Row& row) { return as_number(row.figures->counts.bytes_out); }},
}};
/// `time_spent` says where all the time goes: the sum of durations.
constexpr SortKey kTimeSpent = {"time_spent", [](const Row& row) { return row.figures->duration.sum_seconds(); }};

const SortKey* find_sort_key(std::string_view name) {
  if (name == kTimeSpent.name) return &kTimeSpent;
  const auto* found =
      std::find_if(kSortKeys.begin(), kSortKeys.end(), [&](const SortKey& key) { return key.name == name; });
  return found == kSortKeys.end() ? nullptr : found;
}

void write_row(JsonWriter& json, const Row& row) {
  const stats::Figures& figures = *row.figures;
  json.key(row.name).begin_object();
  json.member("total_requests", figures.counts.requests).member("total_errors", figures.counts.errors);
  write_durations(json, figures.duration);
  json.member("error_rate", tidy_percent(figures.error_rate()));
  json.member("requests_per_minute", tidy_rate(row.requests_per_minute()));
  json.member("in_flight", row.in_flight).member("slow_count", figures.counts.slow);
  json.key("status");
  write_status(json, figures);
  json.member("bytes_in", figures.counts.bytes_in).member("bytes_out", figures.counts.bytes_out);
  json.key("last_seen");
  if (row.last_seen == WallTime()) {
    json.null();  // what is under way is the first of its route
  } else {
    json.value(rfc3339(row.last_seen));
  }
  json.member("highest_in_flight", row.highest_in_flight);
  json.member("time_spent", tidy_seconds(figures.duration.sum_seconds()));
  write_extras(json, figures);
  json.key("phases");
  write_phases(json, figures);
  json.key("components");
  write_components(json, *row.said);
  json.key("caches");
  write_caches(json, *row.said);
  json.end_object();
}

void write_rows(JsonWriter& json, const Picture& picture, const StatsRequest& request) {
  Rows rows(*picture.view, *picture.legend, picture.selection, Naming::tag);
  std::vector<Row>& all = rows.all();
  if (const SortKey* key = find_sort_key(request.sort)) {
    std::stable_sort(all.begin(), all.end(), [&](const Row& a, const Row& b) { return key->of(a) > key->of(b); });
  }
  const std::size_t shown = std::min(all.size(), request.limit.value_or(all.size()));
  json.key("endpoint_stats").begin_object();
  for (std::size_t i = 0; i < shown; ++i) write_row(json, all[i]);
  json.end_object();
}

/// The same figures for each group: its routes in one.
void write_groups(JsonWriter& json, const Picture& picture) {
  const Rows rows(*picture.view, *picture.legend, picture.selection, Naming::group);
  json.key("group_stats").begin_object();
  for (const Row& row : rows.all()) write_row(json, row);
  json.end_object();
}

void write_recent_slow(JsonWriter& json, const Picture& picture) {
  std::size_t left = kRecentSlow;
  json.key("recent_slow_queries").begin_array();
  for (const stats::SamplePtr& sample : picture.view->slow) {
    if (left == 0) break;
    // Beside `slow_queries_count`, which counts these alone.
    if (sample->slow_reason != stats::SlowReason::threshold) continue;
    if (!picture.selection.holds(sample->record.route, sample->record.method)) continue;
    write_sample(json, *sample, *picture.legend);
    --left;
  }
  json.end_array();
}

void write_summary(JsonWriter& json, const Picture& picture) {
  const stats::View& view = *picture.view;
  const Sum sum = sum_of(view, picture.selection);
  const stats::Figures& figures = sum.figures;
  json.member("total_requests", figures.counts.requests).member("total_errors", figures.counts.errors);
  json.member("error_rate", tidy_percent(figures.error_rate())).member("slow_queries_count", figures.counts.slow);
  json.member("requests_per_minute", tidy_rate(sum.requests_per_minute())).member("in_flight", sum.in_flight);
  write_durations(json, figures.duration);
  json.member("uptime_seconds", tidy_seconds(seconds(view.uptime))).member("since", rfc3339(view.since));
  json.member("window", label(view.window));
  write_bounds(json, view, picture.is_stale);

  json.key("status");
  write_status(json, figures);
  json.member("bytes_in", figures.counts.bytes_in).member("bytes_out", figures.counts.bytes_out);
  write_extras(json, figures);
  json.member("highest_in_flight", sum.highest_in_flight);
  if (picture.selection.is_everything()) {
    json.member("probes", view.asides.probes);
    json.member("details_left_out", view.asides.details_left_out).member("late_records", view.asides.late);
    json.key("day");
    write_busy_times(json, view.busy);
  }
  json.key("weir");
  write_distribution(json, figures.phase(stats::Phase::weir));
  json.key("phases");
  write_phases(json, figures);
  json.key("components");
  write_components(json, sum.said);
  json.key("caches");
  write_caches(json, sum.said);
}

}  // namespace

bool is_sort_key(std::string_view key) { return key == "tag" || find_sort_key(key) != nullptr; }

std::string sort_keys() {
  std::string all = "tag";
  for (const SortKey& key : kSortKeys) (all += ", ") += key.name;
  return (all += ", ") += kTimeSpent.name;
}

std::string stats_json(const Picture& picture, const StatsRequest& request) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_summary(json, picture);
  write_rows(json, picture, request);
  write_groups(json, picture);
  write_recent_slow(json, picture);
  json.end_object();
  return out;
}

}  // namespace weir::exporter
