#pragma once

#include <string>
#include <vector>

#include <weir/admin/jwt_options.h>
#include <weir/admin/token_options.h>
#include <weir/base/clock.h>
#include <weir/base/settings.h>
#include <weir/net/endpoint.h>
#include <weir/net/tls_options.h>

namespace weir::admin {

/// `admin`: the listener of the admin API.
struct AdminOptions {
  net::Endpoint address = {.kind = net::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = 9900, .path = {}};
  /// Any one of them opens the API, as `Authorization: Bearer` or `X-API-Key`. None: open, which is allowed on loopback
  /// alone.
  std::vector<TokenOptions> tokens;
  JwtOptions jwt;             ///< these open it too
  net::TlsServerOptions tls;  ///< off: it speaks plain HTTP
  /// Names by which browsers may call it, beside addresses and `localhost`. Without ports.
  std::vector<std::string> hosts;
  Nanos session_lifetime = 12h;  ///< of a log-in through the page

  /// Whether a call has to bring a credential.
  bool needs_credential() const { return !tokens.empty() || jwt.is_on(); }

  void read(Settings& settings);
};

}  // namespace weir::admin
