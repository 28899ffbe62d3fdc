#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/names.h>
#include <weir/base/settings.h>

namespace weir::stats {

/// Where a request says who sent it: a header, a cookie or a claim of its bearer token, at most one of them. The token
/// is not verified. All empty: nobody asks.
struct IdentityOptions {
  std::string header;
  std::string cookie;
  std::string jwt_claim;

  bool is_on() const { return !header.empty() || !cookie.empty() || !jwt_claim.empty(); }
  /// For people: `header X-User-Id`, `jwt_claim sub (not verified)`; empty where nobody asks.
  std::string describe() const;
  void read(Settings& settings);
};

/// What is done with the `Server-Timing` of answers (W3C Server Timing).
enum class ServerTimingUse : std::uint8_t {
  off,   ///< forwarded, not looked at
  read,  ///< becomes timed components of the route
  emit,  ///< read, and weir's own split is added to the answer
};

/// `measure`: what is timed and kept, and which headers weir adds.
struct MeasureOptions {
  Nanos slow_threshold = 1s;            ///< at or above it a request is slow, where its route says nothing else
  std::uint32_t slow_log_size = 50;     ///< newest slow requests kept, and as many again of the slowest
  std::uint32_t error_log_size = 200;   ///< newest failed requests kept
  /// Paths, exact, forwarded and left out of the figures.
  std::vector<std::string> ignore = {"/health", "/healthz", "/ready", "/livez"};
  /// On each answer: `12.345ms`, from the request's first byte to the response's first byte. Empty: off.
  std::string response_time_header = "X-Response-Time";
  /// Kept where a request brings it, made where it does not. Empty: off.
  std::string request_id_header = "X-Request-Id";
  bool request_id_on_response = false;  ///< the same header on the answer too
  bool forwarded_headers = true;        ///< X-Forwarded-For, -Proto, -Host to the app
  /// Networks, or `unix:` for local ones, of the proxies whose X-Forwarded-* are believed; `none` for nobody. From
  /// anybody else they are replaced. Empty: nobody is asked, they pass and are appended to.
  std::vector<std::string> trusted_proxies;
  /// Beginnings of User-Agent values that are probes: forwarded, counted apart.
  std::vector<std::string> ignore_user_agents = {
      "kube-probe", "GoogleHC", "GoogleStackdriverMonitoring-UptimeChecks", "ELB-HealthChecker",
      "Amazon-Route53-Health-Check-Service", "Load Balancer Agent", "Edge Health Probe", "HAProxy", "Envoy/HC",
      "Consul Health Check", "Blackbox Exporter", "Prometheus", "Uptime-Kuma", "Better Uptime Bot", "Pingdom.com_bot",
      "Mozilla/5.0+(compatible; UptimeRobot"};
  /// A header that tells the app when the request arrived, `t=<microseconds since 1970>`. Empty: off.
  std::string request_start_header;
  ServerTimingUse server_timing = ServerTimingUse::read;
  /// Headers by which caches say whether they had an answer: the first of them that an answer has counts. Empty: off.
  std::vector<std::string> cache_headers = {"Cache-Status", "X-Cache", "CF-Cache-Status", "X-Cache-Status"};
  IdentityOptions user;
  IdentityOptions tenant;
  bool client_networks = false;  ///< figures by client network: /24 of IPv4, /48 of IPv6

  void read(Settings& settings);
};

}  // namespace weir::stats

template <>
struct weir::Names<weir::stats::ServerTimingUse> {
  static constexpr std::array<std::string_view, 3> labels = {"off", "read", "emit"};
};
