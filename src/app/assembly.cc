#include "assembly.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <weir/base/check.h>

namespace weir::app {
namespace {

std::optional<UpstreamId> upstream_named(const config::Options& options, std::string_view name) {
  const auto found = std::find_if(options.upstreams.begin(), options.upstreams.end(),
                                  [&](const proxy::UpstreamOptions& upstream) { return upstream.name == name; });
  if (found == options.upstreams.end()) return std::nullopt;
  return UpstreamId(static_cast<std::uint32_t>(found - options.upstreams.begin()));
}

}  // namespace

proxy::PlanPtr make_plan(const config::Options& options, std::size_t workers) {
  auto plan = std::make_shared<proxy::Plan>();
  plan->limits = options.limits;
  plan->timeouts = options.timeouts;
  plan->measure = options.measure;
  plan->upstreams = options.upstreams;
  plan->workers = workers;
  plan->logs_access = options.log.has_access_log();
  for (const net::ListenerOptions& listener : options.listeners) {
    plan->listeners.push_back({.endpoint = listener.address, .upstream = upstream_named(options, listener.upstream)});
  }
  return plan;
}

std::vector<route::Configured> make_routes(const config::Options& options) {
  std::vector<route::Configured> routes;
  for (const route::RouteOptions& route : options.routes) {
    auto pattern = route::Pattern::parse(route.match);
    WEIR_CHECK(pattern.is_ok(), "a pattern that the configuration's check let pass is none");
    route::Configured configured{.pattern = std::move(pattern).value(), .source = route::Source::config, .properties = {}};
    configured.properties.group = route.group;
    configured.properties.upstream = upstream_named(options, route.upstream);
    configured.properties.slow_threshold_ns = route.slow_threshold.count();
    routes.push_back(std::move(configured));
  }
  return routes;
}

}  // namespace weir::app
