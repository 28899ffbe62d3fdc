#pragma once

#include <string>
#include <string_view>

#include <weir/base/settings.h>
#include <weir/net/endpoint.h>
#include <weir/net/tls_options.h>

namespace weir::net {

/// What would be right, where an endpoint cannot be read.
inline constexpr std::string_view kEndpointForms = "host:port, [v6]:port or unix:/path";

/// Endpoint::parse, for a place where weir listens: there an address has to stand, or `localhost`. A port alone, `8080` or
/// `:8080`, is that of 0.0.0.0.
Result<Endpoint> parse_listening(std::string_view text);

/// An endpoint under `key`, checked. Where it cannot be read, one that collides with no other.
Endpoint read_endpoint(Settings& settings, std::string_view key, const Endpoint& current);

/// One place where clients connect.
struct ListenerOptions {
  Endpoint address = {.kind = Endpoint::Kind::tcp, .host = "0.0.0.0", .port = 8080, .path = {}};
  /// The upstream of requests whose route names none. Empty: there is none, such requests get 404. Left out with one
  /// upstream only, it is that one.
  std::string upstream;
  TlsServerOptions tls = {};  ///< off: clients speak plain HTTP
  /// Every connection begins with a PROXY protocol header, version 1 or 2, which says who the client is; one that does
  /// not is closed.
  bool proxy_protocol = false;

  void read(Settings& settings);
  /// The address alone.
  void read_short(Settings& settings);
};

}  // namespace weir::net
