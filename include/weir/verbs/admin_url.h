#pragma once

#include <string>
#include <string_view>

#include <weir/base/result.h>
#include <weir/net/endpoint.h>

namespace weir::verbs {

/// Where an admin API is: `http://127.0.0.1:9900`, `https://weir.internal/sidecar`, `unix:/run/weir.sock`, and without a
/// scheme, as `weir run --admin` takes it, `127.0.0.1:9900` or `9900`.
struct AdminUrl {
  net::Endpoint address;
  bool is_tls = false;
  std::string host;    ///< what the Host field says
  std::string prefix;  ///< comes before every path; empty, or `/sidecar`

  static Result<AdminUrl> parse(std::string_view text);
  /// The one that reaches a listener on `address`: that of this machine where it listens on all.
  static AdminUrl reaching(const net::Endpoint& address, bool is_tls);

  /// The name to find in the server's certificate; never empty. A Unix socket has no name: `localhost` stands there.
  const std::string& tls_name() const;
  /// Back as it is written, the port always named.
  std::string to_string() const;
};

inline constexpr std::string_view kAdminUrlForms = "http://host:port, https://host:port or unix:/path";

}  // namespace weir::verbs
