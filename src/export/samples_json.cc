#include <algorithm>
#include <vector>

#include <weir/base/json_writer.h>
#include <weir/export/performance_json.h>

#include "figures_json.h"
#include "rows.h"
#include "sample_json.h"

namespace weir::exporter {

namespace {

bool is_for(Reason reason, const stats::Sample& sample) {
  switch (reason) {
    case Reason::any: return true;
    case Reason::threshold: return sample.slow_reason == stats::SlowReason::threshold;
    case Reason::p99: return sample.slow_reason == stats::SlowReason::p99;
  }
  return true;
}

std::vector<stats::SamplePtr> pick(const std::vector<stats::SamplePtr>& kept, const Picture& picture,
                                   const SampleRequest& request) {
  std::vector<stats::SamplePtr> picked;
  for (const stats::SamplePtr& sample : kept) {
    const stats::Record& record = sample->record;
    if (!picture.selection.holds(record.route, record.method) || record.duration_ns < request.min.count()) continue;
    if (!is_for(request.reason, *sample) || !is_within(*picture.view, *sample)) continue;
    picked.push_back(sample);
  }
  if (request.order == Order::slowest) {
    std::stable_sort(picked.begin(), picked.end(), [](const stats::SamplePtr& a, const stats::SamplePtr& b) {
      return a->record.duration_ns > b->record.duration_ns;
    });
  }
  if (picked.size() > request.limit) picked.resize(request.limit);
  return picked;
}

void write_samples(JsonWriter& json, std::string_view name, const std::vector<stats::SamplePtr>& samples,
                   const Legend& legend) {
  json.key(name).begin_array();
  for (const stats::SamplePtr& sample : samples) write_sample(json, *sample, legend);
  json.end_array().member("count", samples.size());
}

/// The threshold that holds for what was asked: a single route's own where it has one.
Nanos threshold_of(const Picture& picture) {
  const auto& routes = picture.selection.routes;
  if (routes && routes->size() == 1 && routes->front().index() < picture.legend->routes.size()) {
    const Nanos own = picture.legend->routes[routes->front().index()].slow_threshold;
    if (own > Nanos(0)) return own;
  }
  return picture.legend->slow_threshold;
}

}  // namespace

std::string sample_json(const stats::Sample& sample, const Legend& legend) {
  std::string out;
  JsonWriter json(out);
  write_sample(json, sample, legend);
  return out;
}

std::string slow_queries_json(const Picture& picture, const SampleRequest& request) {
  const bool newest = request.order == Order::newest;
  const auto& kept = newest ? picture.view->newest_slow : picture.view->slowest;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_samples(json, "slow_queries", pick(kept, picture, request), *picture.legend);
  json.member("threshold", seconds(threshold_of(picture))).member("order", label(request.order));
  json.member("slow_queries_count", sum_of(*picture.view, picture.selection).figures.counts.slow);
  json.member("window", label(picture.view->window));
  write_bounds(json, *picture.view, picture.is_stale);
  json.end_object();
  return out;
}

std::string samples_json(const Picture& picture, const SampleRequest& request) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_samples(json, "samples", pick(picture.view->uniform, picture, request), *picture.legend);
  json.member("order", label(request.order)).member("window", label(picture.view->window));
  json.member("since", rfc3339(picture.view->since));
  write_bounds(json, *picture.view, picture.is_stale);
  json.end_object();
  return out;
}

std::string errors_json(const Picture& picture, const SampleRequest& request) {
  const stats::Figures figures = sum_of(*picture.view, picture.selection).figures;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_samples(json, "errors", pick(picture.view->errors, picture, request), *picture.legend);
  json.member("total_requests", figures.counts.requests).member("total_errors", figures.counts.errors);
  json.member("error_rate", tidy_rate(figures.error_rate())).key("status");
  write_status(json, figures);
  json.member("client_aborted", figures.counts.client_aborted).key("faults");
  write_faults(json, figures);
  json.key("endpoint_errors").begin_object();
  const Rows rows(*picture.view, *picture.legend, picture.selection, Naming::tag);
  for (const Row& row : rows.all()) {
    if (row.figures->counts.errors == 0) continue;
    json.key(row.name).begin_object().member("total_errors", row.figures->counts.errors);
    json.member("error_rate", tidy_rate(row.figures->error_rate())).end_object();
  }
  json.end_object().member("window", label(picture.view->window));
  write_bounds(json, *picture.view, picture.is_stale);
  json.end_object();
  return out;
}

}  // namespace weir::exporter
