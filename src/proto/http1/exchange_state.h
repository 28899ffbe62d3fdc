#pragma once

#include <cstdint>

namespace weir::proto::http1 {

/// How far the request has come on its way from the client to the app.
enum class Upload : std::uint8_t {
  held,        ///< there is no connection to the app yet; what has come of the body is kept
  streaming,   ///< goes on to the app as it comes
  flushing,    ///< all of it has come, and the app's socket has not taken all of it
  sent,        ///< the app's socket has all of it
  discarding,  ///< the app takes no more of it: the rest is read from the client and thrown away
  refused,     ///< its framing is broken or it is too long: nothing more of it is looked at
};

/// How far the response has come on its way to the client.
enum class Download : std::uint8_t {
  awaited,   ///< nothing of a final response has come
  relaying,  ///< its head went to the client, its body goes on as it comes
  tunnel,    ///< 101: both directions belong to another protocol
  draining,  ///< it is complete, and the client's socket has not taken all of it
  cutting,   ///< it broke off; the client gets what there is of it, then its connection ends
  given,     ///< the client's socket has all there is and the exchange is recorded; only the request may go on
};

/// Which directions of a tunnel have ended.
enum class TunnelEnds : std::uint8_t { none = 0, client = 1, app = 2, both = 3 };

constexpr TunnelEnds operator|(TunnelEnds a, TunnelEnds b) {
  return static_cast<TunnelEnds>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr bool includes(TunnelEnds all, TunnelEnds side) {
  return (static_cast<std::uint8_t>(all) & static_cast<std::uint8_t>(side)) == static_cast<std::uint8_t>(side);
}

/// Whether the request may go from one state to the other. `held` again is another attempt on a new connection.
constexpr bool may_follow(Upload from, Upload to) {
  switch (from) {
    case Upload::held:
      return true;
    case Upload::streaming:
    case Upload::flushing:
      return to != Upload::streaming || from == Upload::streaming;
    case Upload::sent:
      return to == Upload::held || to == Upload::sent;
    case Upload::discarding:
      return to == Upload::held || to == Upload::discarding || to == Upload::refused;
    case Upload::refused:
      return to == Upload::refused;
  }
  return false;
}

/// Whether the response may go from one state to the other.
constexpr bool may_follow(Download from, Download to) {
  switch (from) {
    case Download::awaited:
      return to != Download::cutting;
    case Download::relaying:
      return to == Download::draining || to == Download::cutting || to == Download::given;
    case Download::tunnel:
      return to == Download::cutting || to == Download::given;
    case Download::draining:
    case Download::cutting:
      return to == Download::given;
    case Download::given:
      return false;
  }
  return false;
}

}  // namespace weir::proto::http1
