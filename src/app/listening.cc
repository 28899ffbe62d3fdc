#include "listening.h"

#include <utility>

namespace weir::app {

Result<ListenerSockets> open_listener(const net::Endpoint& endpoint, std::size_t workers) {
  auto first = net::ListeningSocket::open(endpoint, true);
  if (!first) return first.error();
  ListenerSockets sockets{.configured = endpoint, .bound = first.value().endpoint(), .by_worker = {}};
  sockets.by_worker.push_back(std::move(first).value());
  while (sockets.by_worker.size() < workers) {
    const net::ListeningSocket& front = sockets.by_worker.front();
    auto next = endpoint.kind == net::Endpoint::Kind::unix_socket ? front.duplicate() : net::ListeningSocket::open_beside(front);
    if (!next) return next.error();
    sockets.by_worker.push_back(std::move(next).value());
  }
  return sockets;
}

}  // namespace weir::app
