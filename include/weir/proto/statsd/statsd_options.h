#pragma once

#include <optional>

#include <weir/base/settings.h>
#include <weir/net/endpoint.h>

namespace weir::proto::statsd {

/// `statsd`: where apps send their own counts and times.
struct StatsdOptions {
  /// UDP, or a Unix datagram socket. Nothing: off.
  std::optional<net::Endpoint> address;

  void read(Settings& settings);
};

}  // namespace weir::proto::statsd
