#pragma once

#include <string_view>

#include <weir/http/head.h>

namespace weir::proto::http1 {

/// Some schemes authenticate a connection and not a request: NTLM, and Negotiate where it ends up with NTLM. Whoever is
/// served by such a connection is served as the user who logged in on it. HOT PATH.

/// Whether a field value of Authorization or Proxy-Authorization belongs to such a scheme.
bool authenticates_connection(std::string_view credentials);

/// Whether a 401 or 407 offers such a scheme.
bool offers_connection_auth(const http::ResponseHead& head);

}  // namespace weir::proto::http1
