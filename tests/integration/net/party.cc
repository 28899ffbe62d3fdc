#include "party.h"

#include <weir/base/check.h>

namespace weir::lab {
namespace {

net::Endpoint loopback(std::uint16_t port) {
  return {.kind = net::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = port, .path = {}};
}

}  // namespace

House::House(net::TlsServerContextPtr context) : context_(std::move(context)) {
  auto socket = net::ListeningSocket::open(loopback(0), false);
  WEIR_CHECK(socket.is_ok(), "no socket on loopback");
  listener_.emplace(loop, std::move(socket).value(), [this](net::Accepted accepted) {
    Party& party = *answerers_.emplace_back(std::make_unique<Party>(loop, std::move(accepted)));
    if (context_ != nullptr) party.stream.start_tls_server(context_);
    party.stream.start_reading();
  });
}

Party& House::call(net::TlsClientContextPtr context, const std::string& server_name) {
  return call(port(), std::move(context), server_name);
}

Party& House::call(std::uint16_t port, net::TlsClientContextPtr context, const std::string& server_name) {
  Party& party = *callers_.emplace_back(std::make_unique<Party>(loop));
  if (context != nullptr) party.stream.start_tls_client(std::move(context), server_name);
  WEIR_CHECK(party.stream.connect(net::SocketAddress::of_literal(loopback(port)).value()), "no connection was begun");
  return party;
}

Party& House::answerer() {
  const std::size_t wanted = callers_.size();
  run_until([&] { return answerers_.size() >= wanted && wanted > 0; });
  return *answerers_.back();
}

}  // namespace weir::lab
