#include "figures_json.h"

#include <cmath>
#include <string>

namespace weir::exporter {

namespace {

template <class Values>
void write_quantile(JsonWriter& json, const std::string& name, const Values& sketch, double quantile) {
  json.key(name);
  if (sketch.is_empty()) {
    json.null();
  } else {
    json.value(seconds(sketch.quantile(quantile)));
  }
}

/// `avg`, `min`, `max` with `suffix`.
template <class Values>
void write_extremes(JsonWriter& json, const std::string& suffix, const Values& sketch) {
  if (sketch.is_empty()) {
    json.key("avg" + suffix).null().key("min" + suffix).null().key("max" + suffix).null();
    return;
  }
  json.member("avg" + suffix, tidy_seconds(sketch.mean_seconds()));
  json.member("min" + suffix, seconds(sketch.min())).member("max" + suffix, seconds(sketch.max()));
}

}  // namespace

double tidy_seconds(double value) { return std::round(value * 1e9) / 1e9; }
double tidy_rate(double rate) {
  if (rate == 0 || !std::isfinite(rate)) return rate;
  // Four decimals, but four digits that count of what is small: one in three million is not none.
  const double steps = std::abs(rate) >= 0.1 ? 1e4 : std::pow(10, 3 - std::floor(std::log10(std::abs(rate))));
  return std::round(rate * steps) / steps;
}
double tidy_percent(double percent) {
  // Likewise what is missing to a hundred: all but one in three million is not all.
  return percent > 99 && percent < 100 ? 100 - tidy_rate(100 - percent) : tidy_rate(percent);
}

void write_text_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name);
  if (text.empty()) {
    json.null();
  } else {
    json.value(text);
  }
}

void write_durations(JsonWriter& json, const stats::Sketch& sketch) {
  write_extremes(json, "_duration", sketch);
  for (const Shown& shown : kShown) write_quantile(json, std::string(shown.name) + "_duration", sketch, shown.quantile);
}

void write_values(JsonWriter& json, const stats::Sketch& sketch) {
  write_extremes(json, "", sketch);
  for (const Shown& shown : kShown) write_quantile(json, shown.name, sketch, shown.quantile);
}

void write_values(JsonWriter& json, const stats::SignedValues& values) {
  write_extremes(json, "", values);
  for (const Shown& shown : kShown) write_quantile(json, shown.name, values, shown.quantile);
}

void write_distribution(JsonWriter& json, const stats::Sketch& sketch) {
  json.begin_object().member("count", sketch.count());
  write_values(json, sketch);
  json.end_object();
}

void write_status(JsonWriter& json, const stats::Figures& figures) {
  const auto& status = figures.counts.status;
  json.begin_object();
  json.member("2xx", status[2]).member("3xx", status[3]).member("4xx", status[4]).member("5xx", status[5]);
  if (status[1] != 0) json.member("1xx", status[1]);
  if (status[0] != 0) json.member("none", status[0]);
  json.end_object();
}

void write_phases(JsonWriter& json, const stats::Figures& figures) {
  json.begin_object();
  for (std::size_t i = 0; i < stats::kPhases; ++i) {
    const stats::Sketch& sketch = figures.phases[i];
    if (sketch.count() == sketch.zero_count()) continue;
    json.key(label(static_cast<stats::Phase>(i))).begin_object();
    json.member("avg", tidy_seconds(sketch.mean_seconds()));
    write_quantile(json, "p95", sketch, 0.95);
    write_quantile(json, "p99", sketch, 0.99);
    json.end_object();
  }
  json.end_object();
}

void write_components(JsonWriter& json, const stats::SaidFigures& said) {
  json.begin_object();
  for (const stats::SaidFigures::Component& component : said.components) {
    json.key(component.name);
    write_distribution(json, component.duration);
  }
  json.end_object();
}

void write_cache_counts(JsonWriter& json, const stats::CacheCounts& counts) {
  json.member("hits", counts.hits).member("misses", counts.misses).member("unknown", counts.unknown).key("hit_rate");
  if (counts.has_rate()) {
    json.value(tidy_percent(counts.hit_rate()));
  } else {
    json.null();
  }
}

void write_caches(JsonWriter& json, const stats::SaidFigures& said) {
  json.begin_object();
  for (const stats::SaidFigures::Layer& layer : said.layers) {
    json.key(layer.name).begin_object();
    write_cache_counts(json, layer.counts);
    json.end_object();
  }
  json.end_object();
}

void write_faults(JsonWriter& json, const stats::Figures& figures) {
  json.begin_object();
  for (std::size_t i = 1; i < stats::kFaults; ++i) {
    if (figures.counts.faults[i] == 0) continue;
    const auto fault = static_cast<Fault>(i);
    json.key(label(fault)).begin_object();
    json.member("count", figures.counts.faults[i]).member("side", label(side_of(fault))).end_object();
  }
  json.end_object();
}

void write_extras(JsonWriter& json, const stats::Figures& figures) {
  const stats::Figures::Counts& counts = figures.counts;
  json.member("client_aborted", counts.client_aborted).member("local_replies", counts.local_replies);
  json.member("retried", counts.retried).member("reused_connections", counts.reused);
  if (!figures.streams.is_empty()) {
    json.key("streams");
    write_distribution(json, figures.streams);
  }
}

void write_bounds(JsonWriter& json, const stats::View& view, bool is_stale) {
  json.member("relative_error", stats::View::kRelativeError).member("as_of", rfc3339(view.as_of.wall));
  if (is_stale) json.member("stale", true);
}

}  // namespace weir::exporter
