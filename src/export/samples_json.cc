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

/// What is shown of a list, and how many there were to choose from.
struct Picked {
  std::vector<stats::SamplePtr> samples;
  std::size_t kept = 0;
};

/// Cuts a list to `limit`, where one half has room for those that `is_first` holds for and the other half for the rest,
/// as far as there are any: so that many of one kind do not hide the few of the other.
template <class IsFirst>
void cut_fairly(std::vector<stats::SamplePtr>& samples, std::size_t limit, IsFirst is_first) {
  if (samples.size() <= limit) return;
  const auto firsts = static_cast<std::size_t>(std::count_if(samples.begin(), samples.end(), is_first));
  const std::size_t others = samples.size() - firsts;
  std::size_t first_places = std::min(firsts, std::max(limit - limit / 2, limit - std::min(limit, others)));
  std::size_t other_places = limit - first_places;
  std::erase_if(samples, [&](const stats::SamplePtr& sample) {
    std::size_t& places = is_first(sample) ? first_places : other_places;
    return places == 0 || places-- == 0;
  });
}

bool is_client_error(const stats::SamplePtr& sample) { return sample->record.status / 100 == 4; }

Picked pick(std::vector<stats::SamplePtr> samples, const Picture& picture, const SampleRequest& request) {
  std::erase_if(samples, [&](const stats::SamplePtr& sample) {
    const stats::Record& record = sample->record;
    return !picture.selection.holds(record.route, record.method) || record.duration_ns < request.min.count() ||
           !is_for(request.reason, *sample) || (request.statuses && !request.statuses->holds(record));
  });
  if (request.order == Order::slowest) {
    std::stable_sort(samples.begin(), samples.end(), [](const stats::SamplePtr& a, const stats::SamplePtr& b) {
      return a->record.duration_ns > b->record.duration_ns;
    });
  }
  return {samples, samples.size()};
}

/// Of slow ones those beside their threshold are what is counted.
Picked pick_slow(const Picture& picture, const SampleRequest& request) {
  Picked picked = pick(picture.view->slow, picture, request);
  if (request.order == Order::newest) {
    cut_fairly(picked.samples, request.limit, [](const stats::SamplePtr& sample) {
      return sample->slow_reason == stats::SlowReason::threshold;
    });
  }
  return picked;
}

Picked pick_errors(const Picture& picture, const SampleRequest& request) {
  Picked picked = pick(picture.view->errors, picture, request);
  cut_fairly(picked.samples, request.limit, [](const stats::SamplePtr& sample) { return !is_client_error(sample); });
  return picked;
}

void write_samples(JsonWriter& json, std::string_view name, const Picked& picked, const SampleRequest& request,
                   const Legend& legend) {
  const std::size_t shown = std::min(picked.samples.size(), request.limit);
  json.key(name).begin_array();
  for (std::size_t i = 0; i < shown; ++i) write_sample(json, *picked.samples[i], legend);
  json.end_array().member("count", shown);
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

/// How many of the routes that were asked for have another threshold than the one that is named.
std::size_t own_thresholds(const Picture& picture) {
  const Nanos named = threshold_of(picture);
  const auto& routes = picture.legend->routes;
  const auto is_selected = [&](RouteId id) {
    const auto& selected = picture.selection.routes;
    return !selected || std::find(selected->begin(), selected->end(), id) != selected->end();
  };
  std::size_t count = 0;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const Nanos own = routes[i].slow_threshold;
    count += own > Nanos(0) && own != named && is_selected(RouteId(static_cast<std::uint32_t>(i)));
  }
  return count;
}

}  // namespace

std::string sample_json(const stats::Sample& sample, const Legend& legend) {
  std::string out;
  JsonWriter json(out);
  write_sample(json, sample, legend);
  return out;
}

std::string slow_queries_json(const Picture& picture, const SampleRequest& request) {
  const Picked picked = pick_slow(picture, request);
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_samples(json, "slow_queries", picked, request, *picture.legend);
  json.member("threshold", seconds(threshold_of(picture))).member("order", label(request.order));
  json.member("own_thresholds", own_thresholds(picture));
  json.member("slow_queries_count", sum_of(*picture.view, picture.selection).figures.counts.slow);
  json.member("kept", picked.kept).member("window", label(picture.view->window));
  write_bounds(json, *picture.view, picture.is_stale);
  json.end_object();
  return out;
}

std::string samples_json(const Picture& picture, const SampleRequest& request) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_samples(json, "samples", pick(picture.view->uniform, picture, request), request, *picture.legend);
  json.member("order", label(request.order)).member("window", label(picture.view->window));
  json.member("since", rfc3339(picture.view->since));
  write_bounds(json, *picture.view, picture.is_stale);
  json.end_object();
  return out;
}

std::string errors_json(const Picture& picture, const SampleRequest& request) {
  const stats::Figures figures = sum_of(*picture.view, picture.selection).figures;
  const Picked picked = pick_errors(picture, request);
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_samples(json, "errors", picked, request, *picture.legend);
  json.member("total_requests", figures.counts.requests).member("total_errors", figures.counts.errors);
  json.member("error_rate", tidy_percent(figures.error_rate())).key("status");
  write_status(json, figures);
  json.member("client_aborted", figures.counts.client_aborted).key("faults");
  write_faults(json, figures);
  json.key("endpoint_errors").begin_object();
  const Rows rows(*picture.view, *picture.legend, picture.selection, Naming::tag);
  for (const Row& row : rows.all()) {
    if (row.figures->counts.errors == 0) continue;
    json.key(row.name).begin_object().member("total_errors", row.figures->counts.errors);
    json.member("error_rate", tidy_percent(row.figures->error_rate())).end_object();
  }
  json.end_object().member("kept", picked.kept).member("window", label(picture.view->window));
  write_bounds(json, *picture.view, picture.is_stale);
  json.end_object();
  return out;
}

}  // namespace weir::exporter
