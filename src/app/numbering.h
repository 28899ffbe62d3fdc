#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <weir/config/options.h>
#include <weir/proxy/plan.h>
#include <weir/route/book.h>

#include "tls_contexts.h"

namespace weir::app {

/// Gives listeners, upstreams and servers their places, the same ones over all reloads: an id that is in a record or a
/// route table under way means the same thing for ever. Control thread.
class Numbering {
 public:
  /// The configuration as the workers want it, with `connections` clients at once. `options` is free of problems.
  proxy::PlanPtr make_plan(const config::Options& options, std::uint32_t connections, const TlsContexts& tls,
                           std::size_t workers, proxy::AccessLog* access_log);
  /// Its routes as the route book wants them. After `make_plan` of the same options.
  std::vector<route::Configured> make_routes(const config::Options& options) const;

  /// Place of the listener at `index` of what the last plan was made from.
  std::size_t listener(const std::vector<net::ListenerOptions>& all, std::size_t index) const;

 private:
  std::optional<UpstreamId> upstream_named(const std::string& name) const;
  ServerId server(const std::string& upstream, const std::string& url);

  struct Server {
    std::string upstream;
    std::string url;
    proxy::ServerHealthPtr health;
  };
  std::vector<proxy::Plan::Listener> listeners_;
  std::vector<proxy::Plan::Upstream> upstreams_;
  std::vector<Server> servers_;
  std::shared_ptr<proxy::ServerHealth::Changes> health_changes_ = std::make_shared<proxy::ServerHealth::Changes>();
};

}  // namespace weir::app
