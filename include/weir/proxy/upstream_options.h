#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/names.h>
#include <weir/base/result.h>
#include <weir/base/settings.h>
#include <weir/net/endpoint.h>
#include <weir/net/tls_options.h>
#include <weir/proxy/health_check_options.h>
#include <weir/proxy/timeouts_options.h>

namespace weir::proxy {

/// How the next server of an upstream is chosen, always by weight.
enum class Balance : std::uint8_t {
  round_robin,
  least_requests,  ///< the less busy of two taken at random
  random,
  hash,  ///< the same client address goes to the same server
};

/// What becomes of a request whose client ends its side of the connection before it has the whole response.
enum class OnClientClose : std::uint8_t {
  cancel,     ///< the client has left: the app's connection is closed
  keep_going, ///< `continue`: the client may still read, as one does that closes its sending direction alone
};

/// `servers`: one place where the app listens.
struct ServerOptions {
  net::Endpoint address;
  bool is_tls = false;       ///< `https://`
  std::uint32_t weight = 1;  ///< share of the requests, against the other servers' weights

  void read(Settings& settings);
  friend bool operator==(const ServerOptions&, const ServerOptions&) = default;
  /// The URL alone.
  void read_short(Settings& settings);

  /// `http://host:port`, `https://host:port`, `unix:/path`; `host:port` is http, `3000` a port of this machine; an IPv6 address in brackets. Port 80 or 443 where there is
  /// none. Nothing after the port.
  static Result<ServerOptions> parse_url(std::string_view url);
  /// `http://host:port` or `unix:/path`, the port always there: the name of the server in answers, metrics and logs.
  std::string url() const;

 private:
  void read_url(Settings& settings, std::string_view key);
};

/// `timeouts` of one upstream. What it leaves out is taken from the top `timeouts`.
struct UpstreamTimeouts {
  Nanos connect = TimeoutsOptions{}.connect;
  Nanos response = TimeoutsOptions{}.response;
  Nanos idle = TimeoutsOptions{}.idle;

  void read(Settings& settings);
  friend bool operator==(const UpstreamTimeouts&, const UpstreamTimeouts&) = default;
};

/// `upstreams`: one app with the servers it runs on.
struct UpstreamOptions {
  std::string name;  ///< letters, digits, `_`, `-`
  std::vector<ServerOptions> servers;
  Balance balance = Balance::least_requests;
  net::TlsClientOptions tls;  ///< for the servers that are `https://`
  HealthCheckOptions health_check;
  UpstreamTimeouts timeouts;
  OnClientClose on_client_close = OnClientClose::cancel;
  std::uint32_t retries = 1;             ///< more attempts for what is safe to send twice
  std::uint32_t max_connections = 1024;  ///< to all its servers, over all workers

  bool speaks_tls() const;
  /// The name that a server's certificate has to bear.
  const std::string& tls_name(const ServerOptions& server) const;

  void read(Settings& settings);
  friend bool operator==(const UpstreamOptions&, const UpstreamOptions&) = default;
};

}  // namespace weir::proxy

template <>
struct weir::Names<weir::proxy::Balance> {
  static constexpr std::array<std::string_view, 4> labels = {"round_robin", "least_requests", "random", "hash"};
};

template <>
struct weir::Names<weir::proxy::OnClientClose> {
  static constexpr std::array<std::string_view, 2> labels = {"cancel", "continue"};
};
