#pragma once

#include <string>
#include <vector>

#include <weir/base/settings.h>
#include <weir/net/endpoint.h>

namespace weir::admin {

/// `admin`: the listener of the admin API.
struct AdminOptions {
  net::Endpoint address = {.kind = net::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = 9900, .path = {}};
  /// Any one of them opens the API, as `Authorization: Bearer` or `X-API-Key`. None: open, which is allowed on loopback
  /// alone.
  std::vector<std::string> tokens;

  void read(Settings& settings);
};

}  // namespace weir::admin
