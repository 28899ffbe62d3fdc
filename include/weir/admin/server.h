#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <weir/admin/admin_options.h>
#include <weir/admin/bookkeeper.h>
#include <weir/admin/jwt_verifier.h>
#include <weir/base/clock.h>
#include <weir/export/prometheus.h>
#include <weir/export/services_json.h>
#include <weir/judge/health_options.h>
#include <weir/net/listener.h>
#include <weir/net/loop.h>
#include <weir/net/tls.h>

namespace weir::admin {

/// Whether weir should be sent traffic; `reasons` says why not.
struct Readiness {
  bool is_ready = true;
  std::vector<std::string> reasons;
};

/// What one connection of the admin API may do. Not configurable; tests use shorter ones.
struct SessionLimits {
  std::size_t head_bytes = 64 * 1024;
  std::size_t body_bytes = 1024 * 1024;
  std::size_t open_body_bytes = 16 * 1024;  ///< of a caller whom nobody knows yet
  std::size_t connections = 200;
  Nanos idle = 75s;       ///< between two requests
  Nanos head = 10s;       ///< in total, from a head's first byte to its last
  Nanos body = 30s;       ///< the same for a body
  Nanos write = 30s;      ///< for the client to take an answer
  Nanos linger = 1s;      ///< after the last answer, for the client to close
  Nanos stalled = 5min;   ///< for the client of a live answer to take what it was sent
  Nanos comment = 15s;    ///< between two comments that keep a live answer's connection open
};

/// What the server answers from.
struct ServerSetup {
  AdminOptions options;
  JwtVerifierPtr jwt;             ///< of `options.jwt`; null where that is off
  net::TlsServerContextPtr tls;   ///< of `options.tls`; null where that is off
  judge::HealthOptions health;
  std::string name;  ///< which weir this is
  std::string version;
  std::size_t max_routes = 1000;
  std::string routes_file;    ///< of decisions about learned routes; empty: none can be made
  std::string user_source;    ///< where users are read from, for people; empty: nobody asks
  std::string tenant_source;
  std::string network_source;
  /// The effective configuration as one JSON value, secrets masked. Called on the control thread.
  std::function<std::string()> config_json;
  std::function<Readiness()> readiness;
  /// What is known of the upstream servers, in the order of their ids. On the control thread, as the next.
  std::function<std::vector<exporter::Service>()> services;
  std::function<exporter::ConnectionFigures()> connections;
  std::function<std::optional<exporter::StatsdFigures>()> statsd;
  SessionLimits limits;
};

/// The admin API over HTTP/1.1, on the control thread's loop. Answers that take long to write out are written on the
/// loop's pool. Thread: the loop's.
class Server {
 public:
  /// `bookkeeper` must outlive the server.
  Server(net::Loop& loop, net::ListeningSocket socket, Bookkeeper& bookkeeper, ServerSetup setup);
  /// Closes every connection at once.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Where it listens in fact.
  const net::Endpoint& endpoint() const;
  /// What a reload may change: everything but the address. Connections keep the TLS that they began with.
  void reconfigure(ServerSetup setup);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::admin
