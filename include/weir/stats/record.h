#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <weir/base/clock.h>
#include <weir/base/fault.h>
#include <weir/base/ids.h>
#include <weir/base/method.h>

namespace weir::stats {

/// Where an exchange's time went, each in nanoseconds as a float (relative error 6e-8). Together they are its duration: no
/// moment counts twice or is left out. A phase that did not happen is 0; the one under way when an exchange is cut short
/// lasts until then.
struct Phases {
  float client_send = 0;  ///< the client sends: the head, and what of the body comes once it can go on to the upstream
  float queue = 0;        ///< waiting for earlier requests on the same connection, or for a free upstream connection
  float retry = 0;        ///< attempts that failed: first one asked for a connection -> last one did
  float connect = 0;      ///< a place was found -> connection ready; 0 on a reused connection
  float send = 0;         ///< handing the rest of the request to the upstream's socket once the client has sent it all
  float wait = 0;         ///< last request byte sent -> first response byte read
  float receive = 0;      ///< first byte given to the client -> last response byte read
  float client_read = 0;  ///< last response byte read -> last one handed to the client's socket
  float weir = 0;         ///< weir itself: until it asks for a connection, until the first byte is sent, and from the first
                          ///< response byte read to the first one given
};

/// The servers of the attempts before the last one, in order: the first few, and how many there were.
struct Attempts {
  static constexpr std::size_t kKept = 3;

  std::array<ServerId, kKept> servers{kNoServer, kNoServer, kNoServer};
  std::uint8_t count = 0;

  void note(ServerId server) {
    if (count < kKept) servers[count] = server;
    ++count;
  }
};

/// What kind of exchange it was, as flags of `Record::traits`.
enum Trait : std::uint16_t {
  kProbe = 1 << 0,           ///< ignored path or user agent: counted apart, in no figure
  kStream = 1 << 1,          ///< 101, event stream, CONNECT: `duration_ns` is the time to first byte
  kReusedConnection = 1 << 2,///< the upstream connection had served before
  kRetried = 1 << 3,         ///< sent a second time
  kSlow = 1 << 4,            ///< at or above the route's slow threshold
  kLocalReply = 1 << 5,      ///< weir answered itself
  kSampled = 1 << 6,         ///< part of the small uniform sample
};

/// The facts of one finished exchange, written once by a worker, about a cache line. Plain data: no pointers.
struct Record {
  std::int64_t ended_ns = 0;     ///< Clock time at the end, since the clock's epoch
  std::int64_t duration_ns = 0;  ///< first request byte read -> last response byte handed to the client's socket
  std::int64_t stream_ns = 0;    ///< with kStream: how long it stayed open, 0 otherwise
  std::uint64_t bytes_in = 0;    ///< request body, octets after framing
  std::uint64_t bytes_out = 0;   ///< response body, octets after framing
  std::uint64_t path_hash = 0;   ///< `distinct_hash` of the path without the query
  Phases phases;
  RouteId route = kUnmatchedRoute;
  ServerId server = kNoServer;
  Attempts attempts;
  std::uint32_t detail = 0xFFFFFFFF;  ///< offset in the batch's arena; kNoDetail where there is none
  std::uint16_t status = 0;           ///< as sent to the client; 0 if none was
  std::uint16_t concurrency = 0;      ///< exchanges in flight in this worker on arrival, this one included
  std::uint16_t route_concurrency = 0;  ///< of these, those of the same route and method
  std::uint16_t traits = 0;           ///< Trait flags
  Method method = Method::other;
  Fault fault = Fault::none;
  std::uint8_t sample_level = 0;  ///< with kSampled: one in 2^sample_level was drawn then

  bool has(Trait trait) const { return (traits & trait) != 0; }
  /// contract: a response of 400 or above, or no whole response from the app. A client that left is no error.
  bool is_error() const {
    return fault == Fault::client_aborted || fault == Fault::client_stalled
               ? status >= 400
               : status >= 400 || fault != Fault::none;
  }
};

inline constexpr std::uint32_t kNoDetail = 0xFFFFFFFF;

/// What takes less is never far above what is usual for its route, whatever that is.
inline constexpr Nanos kLeastOutlier = 100ms;

/// Texts that go with some records: slow, failed, sampled ones, and those of no known route; what an answer says of
/// itself, and whom its request was for, goes with every record. Views into the arena of
/// the batch (or, on the writing side, of whoever calls); empty where unknown. The query string is never among them.
struct Detail {
  std::string_view path;           ///< without the query
  std::string_view client;         ///< address without port
  std::string_view user;
  std::string_view tenant;
  std::string_view request_id;
  std::string_view trace_id;       ///< of an incoming `traceparent` (W3C Trace Context), 32 hex digits
  std::string_view method;         ///< the token, where `Record::method` is `other`
  std::string_view server_timing;  ///< the answer's field values, lines joined by ", "
  std::string_view cache_status;   ///< `name: value` of the first cache field that answered

  /// What is wanted of every exchange.
  bool has_said() const { return !(server_timing.empty() && cache_status.empty() && user.empty() && tenant.empty()); }
  Detail said() const {
    Detail part;
    part.user = user;
    part.tenant = tenant;
    part.server_timing = server_timing;
    part.cache_status = cache_status;
    return part;
  }
};

}  // namespace weir::stats
