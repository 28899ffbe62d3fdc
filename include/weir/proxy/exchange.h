#pragma once

#include <cstdint>
#include <string_view>

#include <weir/base/clock.h>
#include <weir/base/fault.h>
#include <weir/base/ids.h>
#include <weir/base/method.h>
#include <weir/stats/record.h>

namespace weir::proxy {

/// The points of an exchange on the Clock; the epoch where a point was not reached.
struct Timeline {
  TimePoint first_byte;         ///< of the request, read from the client
  TimePoint turn;               ///< the requests before it on its connection had been served
  TimePoint head_complete;
  TimePoint body_complete;
  TimePoint first_asked;        ///< a connection was asked for
  TimePoint upstream_asked;     ///< the same, for the last attempt
  TimePoint connect_begun;      ///< a free place was found; the connection was begun or taken
  TimePoint connection_ready;
  TimePoint first_byte_sent;    ///< to the upstream
  TimePoint request_sent;
  TimePoint response_first;     ///< first byte read from the upstream
  TimePoint first_byte_given;   ///< to the client's socket
  TimePoint response_last;
  TimePoint last_byte_given;
  Nanos app_held{};             ///< how long the client had to wait with the body for an app that did not take it
};

/// What is known of an exchange while it is under way: the protocol fills it in, the Recorder makes a Record of it.
struct Exchange {
  Timeline at;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::int64_t slow_threshold_ns = 0;
  RouteId route = kUnmatchedRoute;
  ServerId server = kNoServer;
  stats::Attempts attempts;  ///< the servers of attempts before the last one
  std::uint16_t status = 0;
  std::uint16_t traits = 0;  ///< stats::Trait flags
  std::uint16_t concurrency = 0;        ///< set by the Recorder, as is the next
  std::uint16_t route_concurrency = 0;
  Method method = Method::other;
  Fault fault = Fault::none;
  std::uint8_t minor_version = 1;  ///< of the client's HTTP/1
  bool wants_detail = false;  ///< the learner is to see it
  bool wants_client = false;  ///< its network is to be counted

  /// Texts for the record; whoever fills them in keeps them alive until the exchange is finished.
  stats::Detail texts;
  std::string_view user_agent;  ///< for the access log
};

}  // namespace weir::proxy
