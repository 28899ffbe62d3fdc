#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <weir/base/ids.h>
#include <weir/net/endpoint.h>
#include <weir/proxy/limits_options.h>
#include <weir/proxy/timeouts_options.h>
#include <weir/proxy/upstream_options.h>
#include <weir/stats/measure_options.h>

namespace weir::proxy {

/// What the workers need of the configuration, worked out once and then immutable: a reload makes another one.
struct Plan {
  struct Listener {
    net::Endpoint endpoint;
    std::optional<UpstreamId> upstream;  ///< for requests whose route names none
  };

  LimitsOptions limits;
  TimeoutsOptions timeouts;
  stats::MeasureOptions measure;
  std::vector<Listener> listeners;
  std::vector<UpstreamOptions> upstreams;  ///< by UpstreamId
  std::size_t workers = 1;
  bool logs_access = false;

  /// The id of an upstream's first server; its others follow. Ids are dense over all upstreams.
  ServerId first_server(UpstreamId upstream) const;
  /// As in answers and logs: `http://127.0.0.1:3000`. Empty for an id that there is not.
  std::string server_url(ServerId server) const;
};

using PlanPtr = std::shared_ptr<const Plan>;

}  // namespace weir::proxy
