#pragma once

#include <cstddef>
#include <vector>

#include <weir/base/result.h>
#include <weir/config/options.h>
#include <weir/net/listener.h>

namespace weir::app {

/// The sockets of one listener, one for each worker.
struct ListenerSockets {
  net::Endpoint configured;                     ///< as the configuration has it
  net::Endpoint bound;                          ///< with the port that the kernel chose for port 0
  std::vector<net::ListeningSocket> by_worker;
};

/// One socket a worker on the same address: the kernel spreads the connections over them (SO_REUSEPORT). A Unix socket
/// is one socket under several descriptors.
Result<ListenerSockets> open_listener(const net::Endpoint& endpoint, std::size_t workers);

}  // namespace weir::app
