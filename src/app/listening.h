#pragma once

#include <cstddef>
#include <vector>

#include <weir/base/result.h>
#include <weir/config/options.h>
#include <weir/net/listener.h>

namespace weir::app {

/// The sockets of one listener, one for each worker.
struct ListenerSockets {
  std::size_t index;                            ///< in the configuration's list
  net::Endpoint bound;                          ///< with the port that the kernel chose for port 0
  std::vector<net::ListeningSocket> by_worker;
};

/// How many before `index` have the same address. Where the kernel chooses the port (127.0.0.1:0) several may; they are
/// told apart by their order.
std::size_t namesakes_before(const std::vector<net::ListenerOptions>& listeners, std::size_t index);

/// Opens the listeners of `wanted` that `open` has not, all or none. One socket a worker on the same address: the
/// kernel spreads the connections over them (SO_REUSEPORT). A Unix socket is one socket under several descriptors.
Result<std::vector<ListenerSockets>> open_listeners(const std::vector<net::ListenerOptions>& wanted,
                                                    const std::vector<net::ListenerOptions>& open, std::size_t workers);

}  // namespace weir::app
