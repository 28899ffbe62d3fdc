#include "numbering.h"

#include <algorithm>
#include <utility>

#include <weir/base/check.h>
#include <weir/route/written.h>

#include "listening.h"

namespace weir::app {

std::optional<UpstreamId> Numbering::upstream_named(const std::string& name) const {
  for (std::size_t i = 0; i < upstreams_.size(); ++i) {
    if (upstreams_[i].options.name == name && !upstreams_[i].is_gone) return UpstreamId(static_cast<std::uint32_t>(i));
  }
  return std::nullopt;
}

ServerId Numbering::server(const std::string& upstream, const std::string& url) {
  const auto is_it = [&](const Server& known) { return known.upstream == upstream && known.url == url; };
  const auto found = std::find_if(servers_.begin(), servers_.end(), is_it);
  const auto index = static_cast<std::uint32_t>(found - servers_.begin());
  if (found == servers_.end()) {
    servers_.push_back({upstream, url, std::make_shared<proxy::ServerHealth>(health_changes_)});
  }
  return ServerId(index);
}

std::size_t Numbering::listener(const std::vector<net::ListenerOptions>& all, std::size_t index) const {
  std::size_t to_pass = namesakes_before(all, index);
  const auto found = std::find_if(listeners_.begin(), listeners_.end(), [&](const proxy::Plan::Listener& known) {
    return known.endpoint == all[index].address && to_pass-- == 0;
  });
  return static_cast<std::size_t>(found - listeners_.begin());
}

proxy::PlanPtr Numbering::make_plan(const config::Options& options, std::uint32_t connections, const TlsContexts& tls,
                                    std::size_t workers, proxy::AccessLog* access_log) {
  for (proxy::Plan::Upstream& upstream : upstreams_) upstream.is_gone = true;
  for (std::size_t i = 0; i < options.upstreams.size(); ++i) {
    const proxy::UpstreamOptions& wanted = options.upstreams[i];
    const auto is_it = [&](const proxy::Plan::Upstream& known) { return known.options.name == wanted.name; };
    const auto found = std::find_if(upstreams_.begin(), upstreams_.end(), is_it);
    proxy::Plan::Upstream& upstream = found == upstreams_.end() ? upstreams_.emplace_back() : *found;
    upstream = {.options = wanted, .servers = {}, .tls = tls.upstreams[i], .health = {}, .is_gone = false};
    for (const proxy::ServerOptions& each : wanted.servers) {
      const ServerId id = server(wanted.name, each.url());
      upstream.servers.push_back(id);
      upstream.health.push_back(servers_[id.index()].health);
    }
  }
  for (proxy::Plan::Listener& listener : listeners_) listener.is_gone = true;
  for (std::size_t i = 0; i < options.listeners.size(); ++i) {
    const net::ListenerOptions& wanted = options.listeners[i];
    const std::size_t place = listener(options.listeners, i);
    if (place == listeners_.size()) listeners_.emplace_back();
    listeners_[place] = {.endpoint = wanted.address,
                         .upstream = upstream_named(wanted.upstream),
                         .tls = tls.listeners[i],
                         .proxy_protocol = wanted.proxy_protocol,
                         .is_gone = false};
  }
  auto plan = std::make_shared<proxy::Plan>();
  plan->limits = options.limits;
  plan->limits.connections = connections;
  plan->timeouts = options.timeouts;
  plan->measure = options.measure;
  plan->listeners = listeners_;
  plan->upstreams = upstreams_;
  for (const Server& known : servers_) {
    plan->server_urls.push_back(known.url);
    plan->server_upstreams.push_back(known.upstream);
  }
  plan->workers = workers;
  plan->access_log = access_log;
  return plan;
}

std::vector<route::Configured> Numbering::make_routes(const config::Options& options) const {
  std::vector<route::Configured> routes;
  for (const route::RouteOptions& route : options.routes) {
    auto pattern = route::Pattern::parse(route.match);
    WEIR_CHECK(pattern.is_ok(), "a pattern that the configuration's check let pass is none");
    route::Configured configured{
        .pattern = std::move(pattern).value(), .source = route::Source::config, .properties = {}, .file = {}};
    configured.properties.group = route.group;
    configured.properties.count_as = route.count_as;
    configured.properties.upstream = upstream_named(route.upstream);
    configured.properties.slow_threshold_ns = route.slow_threshold.count();
    configured.properties.is_stream = route.stream;
    routes.push_back(std::move(configured));
  }
  return route::written_routes(std::move(routes), options.described_routes());
}

}  // namespace weir::app
