#pragma once

#include <weir/base/settings.h>

namespace weir::proxy {

/// `timeouts`: how long weir waits for whom.
struct TimeoutsOptions {
  Nanos request_head = 10s;  ///< from a request's first byte to the end of its head, in all, not per byte; then 408
  Nanos request_body = 60s;  ///< the longest pause within a request body; then 408
  Nanos keep_alive = 75s;    ///< a client connection without a request is closed after
  Nanos drain = 30s;         ///< after TERM, requests in flight get this long
  Nanos connect = 1s;        ///< to an upstream server; then another one, or 504
  Nanos response = 60s;      ///< from the request's end to the end of the response head; then 504
  Nanos idle = 60s;          ///< the longest pause within a response body; also a pooled connection's idle life

  void read(Settings& settings);
};

}  // namespace weir::proxy
