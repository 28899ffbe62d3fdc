#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <weir/base/ids.h>
#include <weir/net/endpoint.h>
#include <weir/net/tls.h>
#include <weir/proxy/limits_options.h>
#include <weir/proxy/server_health.h>
#include <weir/proxy/timeouts_options.h>
#include <weir/proxy/upstream_options.h>
#include <weir/stats/measure_options.h>

namespace weir::proxy {

class AccessLog;

/// What the workers need of the configuration, worked out once and then immutable: a reload makes another one.
/// Places and ids outlive reloads: what an older plan called 2 is never something else in a newer one. What the newest
/// configuration does not name any more keeps its place and is marked as gone.
struct Plan {
  struct Listener {
    net::Endpoint endpoint;
    std::optional<UpstreamId> upstream;  ///< for requests whose route names none
    net::TlsServerContextPtr tls = {};   ///< null: clients speak plain HTTP
    bool proxy_protocol = false;         ///< each connection begins with a PROXY header
    bool is_gone = false;
  };
  struct Upstream {
    UpstreamOptions options;
    std::vector<ServerId> servers;  ///< of `options.servers`, in their order
    net::TlsClientContextPtr tls = {};  ///< null where no server speaks TLS
    /// Of the same servers, one object each over all plans. Where there are none a pool keeps its own.
    std::vector<ServerHealthPtr> health;
    bool is_gone = false;

    friend bool operator==(const Upstream&, const Upstream&) = default;
  };

  LimitsOptions limits;
  TimeoutsOptions timeouts;
  stats::MeasureOptions measure;
  std::vector<Listener> listeners;
  std::vector<Upstream> upstreams;       ///< by UpstreamId
  std::vector<std::string> server_urls;  ///< by ServerId: `http://127.0.0.1:3000`
  std::vector<std::string> server_upstreams;  ///< by ServerId: the name of its upstream
  std::size_t workers = 1;
  AccessLog* access_log = nullptr;  ///< none is written where null; else one and the same for all plans

  /// As in answers and logs; empty for kNoServer.
  const std::string& server_url(ServerId server) const;
};

using PlanPtr = std::shared_ptr<const Plan>;

}  // namespace weir::proxy
