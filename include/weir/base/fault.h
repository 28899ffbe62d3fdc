#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <weir/base/names.h>

namespace weir {

/// Whose doing it was that an exchange was cut short.
enum class Side : std::uint8_t { none, client, upstream, weir };

template <>
struct Names<Side> {
  static constexpr std::array<std::string_view, 4> labels = {"none", "client", "upstream", "weir"};
};

/// What cut an exchange short. The label is at once the log reason, the metric label and the value of
/// `X-Weir-Error`.
enum class Fault : std::uint8_t {
  none,
  bad_request,            ///< 400: the request cannot be read in one way only
  no_route,               ///< 404: no listener default and no route names an upstream
  request_timeout,        ///< 408: head or body did not arrive in time
  body_too_large,         ///< 413
  uri_too_long,           ///< 414
  header_too_large,       ///< 431
  not_implemented,        ///< 501: a transfer coding or CONNECT
  version_not_supported,  ///< 505
  overloaded,             ///< 503: a ceiling of `limits` or of the upstream's queue
  draining,               ///< 503: weir is shutting down
  connect_failed,         ///< 502: no connection to the upstream
  connect_timeout,        ///< 504
  upstream_closed,        ///< 502: connection ended before a whole response head
  upstream_invalid,       ///< 502: what came is no HTTP/1.1 response that can be read in one way only
  response_timeout,       ///< 504: no response head in time
  upstream_truncated,     ///< the response body ended early; the client's is cut as well
  upstream_idle_timeout,  ///< the response body stalled
  no_healthy_upstream,    ///< 503: every server of the upstream is out
  client_aborted,         ///< the client went away: no error of the app
  client_stalled,         ///< the client did not read its answer in time
  internal,               ///< 500: weir's own (out of memory or file descriptors)
  loop_detected,          ///< 508: the request has been through this weir before
};

template <>
struct Names<Fault> {
  static constexpr std::array<std::string_view, 23> labels = {
      "none", "bad_request", "no_route", "request_timeout", "body_too_large", "uri_too_long",
      "header_too_large", "not_implemented", "version_not_supported", "overloaded", "draining",
      "connect_failed", "connect_timeout", "upstream_closed", "upstream_invalid", "response_timeout",
      "upstream_truncated", "upstream_idle_timeout", "no_healthy_upstream", "client_aborted",
      "client_stalled", "internal", "loop_detected"};
};

constexpr Side side_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      return Side::none;
    case Fault::bad_request:
    case Fault::request_timeout:
    case Fault::body_too_large:
    case Fault::uri_too_long:
    case Fault::header_too_large:
    case Fault::not_implemented:
    case Fault::version_not_supported:
    case Fault::client_aborted:
    case Fault::client_stalled:
      return Side::client;
    case Fault::connect_failed:
    case Fault::connect_timeout:
    case Fault::upstream_closed:
    case Fault::upstream_invalid:
    case Fault::response_timeout:
    case Fault::upstream_truncated:
    case Fault::upstream_idle_timeout:
    case Fault::no_healthy_upstream:
      return Side::upstream;
    case Fault::no_route:
    case Fault::overloaded:
    case Fault::draining:
    case Fault::internal:
    case Fault::loop_detected:
      return Side::weir;
  }
  return Side::none;
}

/// The status that weir answers with where nothing was sent yet; 0 for those that can only cut the connection.
constexpr int status_of(Fault fault) {
  switch (fault) {
    case Fault::bad_request: return 400;
    case Fault::no_route: return 404;
    case Fault::request_timeout: return 408;
    case Fault::body_too_large: return 413;
    case Fault::uri_too_long: return 414;
    case Fault::header_too_large: return 431;
    case Fault::internal: return 500;
    case Fault::not_implemented: return 501;
    case Fault::connect_failed:
    case Fault::upstream_closed:
    case Fault::upstream_truncated:
    case Fault::upstream_invalid: return 502;
    case Fault::overloaded:
    case Fault::draining:
    case Fault::no_healthy_upstream: return 503;
    case Fault::connect_timeout:
    case Fault::upstream_idle_timeout:
    case Fault::response_timeout: return 504;
    case Fault::version_not_supported: return 505;
    case Fault::loop_detected: return 508;
    case Fault::none:
    case Fault::client_aborted:
    case Fault::client_stalled: return 0;
  }
  return 0;
}

}  // namespace weir
