#include "listening.h"

#include <algorithm>
#include <span>
#include <utility>

namespace weir::app {
namespace {

Result<ListenerSockets> open_listener(const net::Endpoint& endpoint, std::size_t index, std::size_t workers) {
  auto first = net::ListeningSocket::open(endpoint, true);
  if (!first) return first.error();
  ListenerSockets sockets{.index = index, .bound = first.value().endpoint(), .by_worker = {}};
  sockets.by_worker.push_back(std::move(first).value());
  while (sockets.by_worker.size() < workers) {
    const net::ListeningSocket& front = sockets.by_worker.front();
    auto next = endpoint.kind == net::Endpoint::Kind::unix_socket ? front.duplicate()
                                                                  : net::ListeningSocket::open_beside(front);
    if (!next) return next.error();
    sockets.by_worker.push_back(std::move(next).value());
  }
  return sockets;
}

std::size_t namesakes_in(std::span<const net::ListenerOptions> listeners, const net::Endpoint& address) {
  return static_cast<std::size_t>(std::ranges::count(listeners, address, &net::ListenerOptions::address));
}

}  // namespace

std::size_t namesakes_before(const std::vector<net::ListenerOptions>& listeners, std::size_t index) {
  return namesakes_in(std::span(listeners).first(index), listeners[index].address);
}

Result<std::vector<ListenerSockets>> open_listeners(const std::vector<net::ListenerOptions>& wanted,
                                                    const std::vector<net::ListenerOptions>& open, std::size_t workers) {
  std::vector<ListenerSockets> opened;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (namesakes_before(wanted, i) < namesakes_in(open, wanted[i].address)) continue;
    auto sockets = open_listener(wanted[i].address, i, workers);
    if (!sockets) return sockets.error();
    opened.push_back(std::move(sockets).value());
  }
  return opened;
}

}  // namespace weir::app
