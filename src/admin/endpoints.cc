#include "endpoints.h"

#include <algorithm>
#include <array>

#include "handlers.h"

namespace weir::admin {

namespace {

using Names = std::string_view[];

// Each is what the handlers of its calls read, and in the order in which a refusal lists it.
constexpr Names kSubjectNames = {"route", "method", "group"};
constexpr Names kWindowNames = {"window"};
constexpr Names kFiguresNames = {"window", "route", "method", "group"};
constexpr Names kRowsNames = {"window", "route", "method", "group", "sort", "limit"};
constexpr Names kSamplesNames = {"window", "route", "method", "group", "status", "min", "order", "sort", "limit"};
constexpr Names kSlowSamplesNames = {"window", "route", "method", "group", "status",
                                     "reason", "min",   "order",  "sort",  "limit"};
constexpr Names kPeopleNames = {"window", "sort", "limit"};
constexpr Names kEventsNames = {"window", "name", "type", "sort", "limit"};
constexpr Names kMarksNames = {"window", "limit"};
constexpr Names kTapNames = {"route", "method", "group", "status", "min"};

/// Load balancers and browsers' bookmarks add some of their own, to get past caches.
constexpr TakenParameters kAnything = std::nullopt;
constexpr TakenParameters kNone = std::span<const std::string_view>();
constexpr TakenParameters kSubject = kSubjectNames;
constexpr TakenParameters kWindow = kWindowNames;
constexpr TakenParameters kFigures = kFiguresNames;
constexpr TakenParameters kRows = kRowsNames;
constexpr TakenParameters kSamples = kSamplesNames;
constexpr TakenParameters kSlowSamples = kSlowSamplesNames;
constexpr TakenParameters kPeople = kPeopleNames;
constexpr TakenParameters kEvents = kEventsNames;
constexpr TakenParameters kMarks = kMarksNames;
constexpr TakenParameters kTap = kTapNames;

constexpr std::array kEndpoints = {
    Endpoint{Method::get, "/", Role::page, get_page, kAnything},
    Endpoint{Method::get, "/assets/*", Role::page, get_page, kAnything},
    Endpoint{Method::get, "/healthz", Role::open, get_liveness, kAnything},
    Endpoint{Method::get, "/readyz", Role::open, get_readiness, kAnything},
    Endpoint{Method::get, "/admin/session", Role::page, get_login, kNone},
    Endpoint{Method::post, "/admin/session", Role::page, post_login, kNone},
    Endpoint{Method::delete_, "/admin/session", Role::page, delete_login, kNone},
    Endpoint{Method::get, "/metrics", Role::read, get_prometheus, kNone},
    Endpoint{Method::get, "/admin/performance/stats", Role::read, get_stats, kRows},
    Endpoint{Method::get, "/admin/performance/slow-queries", Role::read, get_slow_queries, kSlowSamples},
    Endpoint{Method::get, "/admin/performance/errors", Role::read, get_errors, kSamples},
    Endpoint{Method::get, "/admin/performance/health", Role::read, get_health, kFigures},
    Endpoint{Method::get, "/admin/performance/metrics", Role::read, get_metrics, kFigures},
    Endpoint{Method::get, "/admin/performance/series", Role::read, get_series, kFigures},
    Endpoint{Method::get, "/admin/performance/routes", Role::read, get_routes, kRows},
    Endpoint{Method::get, "/admin/performance/services", Role::read, get_services, kWindow},
    Endpoint{Method::get, "/admin/performance/system", Role::read, get_system, kWindow},
    Endpoint{Method::get, "/admin/performance/config", Role::read, get_config, kNone},
    Endpoint{Method::get, "/admin/performance/users", Role::read, get_users, kPeople},
    Endpoint{Method::get, "/admin/performance/tenants", Role::read, get_tenants, kPeople},
    Endpoint{Method::get, "/admin/performance/events", Role::read, get_events, kEvents},
    Endpoint{Method::post, "/admin/performance/events", Role::send, post_events, kNone},
    Endpoint{Method::get, "/admin/performance/marks", Role::read, get_marks, kMarks},
    Endpoint{Method::post, "/admin/performance/marks", Role::send, post_mark, kNone, true},
    Endpoint{Method::get, "/admin/performance/networks", Role::read, get_networks, kPeople},
    Endpoint{Method::get, "/admin/performance/samples", Role::read, get_samples, kSamples},
    Endpoint{Method::post, "/admin/performance/routes", Role::change, post_routes, kNone},
    Endpoint{Method::get, "/admin/performance/tap", Role::read, get_tap, kTap},
    Endpoint{Method::get, "/admin/cache/stats", Role::read, get_cache_stats, kFigures},
    Endpoint{Method::post, "/admin/performance/reset", Role::change, post_reset, kSubject},
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
