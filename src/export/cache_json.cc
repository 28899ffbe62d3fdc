#include <weir/base/json_writer.h>
#include <weir/export/performance_json.h>

#include "figures_json.h"
#include "rows.h"

namespace weir::exporter {

namespace {

void write_layer(JsonWriter& json, const stats::SaidFigures::Layer& layer, const std::vector<Row>& rows) {
  json.key(layer.name).begin_object();
  write_cache_counts(json, layer.counts);
  json.key("endpoints").begin_object();
  for (const Row& row : rows) {
    const stats::CacheCounts* counts = row.said->layer(layer.name);
    if (counts == nullptr) continue;
    json.key(row.name).begin_object();
    write_cache_counts(json, *counts);
    json.end_object();
  }
  json.end_object().end_object();
}

}  // namespace

std::string cache_stats_json(const Picture& picture) {
  const Sum sum = sum_of(*picture.view, picture.selection);
  const Rows rows(*picture.view, *picture.legend, picture.selection, Naming::tag);
  stats::CacheCounts all;
  for (const stats::SaidFigures::Layer& layer : sum.said.layers) all.merge(layer.counts);
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_cache_counts(json, all);
  json.key("layers").begin_object();
  for (const stats::SaidFigures::Layer& layer : sum.said.layers) write_layer(json, layer, rows.all());
  json.end_object().member("window", label(picture.view->window));
  json.member("as_of", rfc3339(picture.view->as_of.wall));
  if (picture.is_stale) json.member("stale", true);
  json.end_object();
  return out;
}

}  // namespace weir::exporter
