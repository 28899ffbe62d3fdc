#include "hearing.h"

#include <utility>
#include <vector>

#include <weir/base/bytes.h>
#include <weir/http/cache_status.h>
#include <weir/http/server_timing.h>

namespace weir::admin {
namespace {

stats::CacheOutcome outcome_of(http::CacheVerdict verdict) {
  switch (verdict) {
    case http::CacheVerdict::hit: return stats::CacheOutcome::hit;
    case http::CacheVerdict::miss: return stats::CacheOutcome::miss;
    case http::CacheVerdict::unknown: break;
  }
  return stats::CacheOutcome::unknown;
}

}  // namespace

void hear(const stats::Detail& detail, stats::Said& said) {
  std::vector<http::ServerTiming> timings;
  http::read_server_timing(detail.server_timing, timings);
  for (const http::ServerTiming& timing : timings) said.components.push_back({timing.name, timing.duration});

  const std::size_t colon = detail.cache_status.find(':');
  if (colon == std::string_view::npos) return;
  std::vector<http::CacheLayer> layers;
  http::read_cache_field(detail.cache_status.substr(0, colon), trim(detail.cache_status.substr(colon + 1)), layers);
  for (http::CacheLayer& layer : layers) said.layers.push_back({std::move(layer.name), outcome_of(layer.verdict)});
}

}  // namespace weir::admin
