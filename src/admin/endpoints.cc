#include "endpoints.h"

#include <algorithm>
#include <array>

#include "handlers.h"

namespace weir::admin {

namespace {

constexpr std::array kEndpoints = {
    Endpoint{Method::get, "/", Role::page, get_page},
    Endpoint{Method::get, "/assets/*", Role::page, get_page},
    Endpoint{Method::get, "/healthz", Role::open, get_liveness},
    Endpoint{Method::get, "/readyz", Role::open, get_readiness},
    Endpoint{Method::get, "/admin/session", Role::page, get_login},
    Endpoint{Method::post, "/admin/session", Role::page, post_login},
    Endpoint{Method::delete_, "/admin/session", Role::page, delete_login},
    Endpoint{Method::get, "/metrics", Role::read, get_prometheus},
    Endpoint{Method::get, "/admin/performance/stats", Role::read, get_stats},
    Endpoint{Method::get, "/admin/performance/slow-queries", Role::read, get_slow_queries},
    Endpoint{Method::get, "/admin/performance/errors", Role::read, get_errors},
    Endpoint{Method::get, "/admin/performance/health", Role::read, get_health},
    Endpoint{Method::get, "/admin/performance/metrics", Role::read, get_metrics},
    Endpoint{Method::get, "/admin/performance/series", Role::read, get_series},
    Endpoint{Method::get, "/admin/performance/routes", Role::read, get_routes},
    Endpoint{Method::get, "/admin/performance/services", Role::read, get_services},
    Endpoint{Method::get, "/admin/performance/system", Role::read, get_system},
    Endpoint{Method::get, "/admin/performance/config", Role::read, get_config},
    Endpoint{Method::get, "/admin/performance/users", Role::read, get_users},
    Endpoint{Method::get, "/admin/performance/tenants", Role::read, get_tenants},
    Endpoint{Method::get, "/admin/performance/events", Role::read, get_events},
    Endpoint{Method::post, "/admin/performance/events", Role::send, post_events},
    Endpoint{Method::get, "/admin/performance/marks", Role::read, get_marks},
    Endpoint{Method::post, "/admin/performance/marks", Role::send, post_mark, true},
    Endpoint{Method::get, "/admin/performance/networks", Role::read, get_networks},
    Endpoint{Method::get, "/admin/performance/samples", Role::read, get_samples},
    Endpoint{Method::post, "/admin/performance/routes", Role::change, post_routes},
    Endpoint{Method::get, "/admin/performance/tap", Role::read, get_tap},
    Endpoint{Method::get, "/admin/cache/stats", Role::read, get_cache_stats},
    Endpoint{Method::post, "/admin/performance/reset", Role::change, post_reset},
};

/// A path that ends in `*` stands for all that begin like it.
bool is_at(const Endpoint& endpoint, std::string_view path) {
  if (!endpoint.path.ends_with('*')) return endpoint.path == path;
  return path.starts_with(endpoint.path.substr(0, endpoint.path.size() - 1));
}

}  // namespace

std::span<const Endpoint> endpoints() { return kEndpoints; }

const Endpoint* find_endpoint(Method method, std::string_view path) {
  const Method wanted = method == Method::head ? Method::get : method;
  const auto* found = std::find_if(kEndpoints.begin(), kEndpoints.end(), [&](const Endpoint& endpoint) {
    return endpoint.method == wanted && is_at(endpoint, path);
  });
  return found == kEndpoints.end() ? nullptr : found;
}

std::string allowed_methods(std::string_view path) {
  std::string allowed;
  for (const Endpoint& endpoint : kEndpoints) {
    if (!is_at(endpoint, path)) continue;
    if (!allowed.empty()) allowed += ", ";
    allowed += endpoint.method == Method::get ? std::string_view("GET, HEAD") : label(endpoint.method);
  }
  return allowed.empty() ? allowed : allowed + ", OPTIONS";
}

}  // namespace weir::admin
