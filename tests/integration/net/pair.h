#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <weir/base/clock.h>
#include <weir/net/listener.h>
#include <weir/net/socket_address.h>
#include <weir/net/stream.h>

namespace weir::net::testing {

/// One end of a connection that writes down what happens to it.
struct EndPoint final : StreamOwner {
  void on_data(Stream&, std::span<char> data) override { received.append(data.data(), data.size()); }
  void on_end(Stream&) override { has_ended = true; }
  void on_failed(Stream&, int failure) override { error = failure; }
  void on_drained(Stream&) override { ++drained; }
  void on_connected(Stream&, int outcome) override { connected = outcome; }
  void on_peer_ended(Stream&) override { ++peer_ended; }

  std::optional<Stream> stream;
  std::string received;
  bool has_ended = false;
  int error = 0;
  int drained = 0;
  int peer_ended = 0;
  std::optional<int> connected;
};

inline Endpoint loopback(std::uint16_t port = 0) {
  return {.kind = Endpoint::Kind::tcp, .host = "127.0.0.1", .port = port, .path = {}};
}

/// A loop with both ends of one connection through a listener. The loop's destructor checks that all of it was closed.
struct Pair {
  explicit Pair(const Endpoint& where = loopback()) {
    auto socket = ListeningSocket::open(where, false);
    REQUIRE_MESSAGE(socket.is_ok(), socket.error().message);
    listener.emplace(loop, std::move(socket).value(), [this](Accepted accepted) {
      server.stream.emplace(loop, server, std::move(accepted));
      server.stream->start_reading();
    });
    client.stream.emplace(loop, client);
    const auto address = SocketAddress::of_literal(listener->endpoint());
    REQUIRE(address.is_ok());
    REQUIRE(client.stream->connect(address.value()));
    until([this] { return client.connected.has_value() && server.stream.has_value(); });
    REQUIRE(client.connected == 0);
    client.stream->start_reading();
  }

  /// Turns the loop until `holds`, a minute at most.
  void until(const std::function<bool()>& holds) {
    const TimePoint limit = Clock::now() + 60s;
    while (!holds() && Clock::now() < limit) loop.turn(false);
    CHECK(holds());
  }

  Loop loop;
  std::optional<Listener> listener;
  EndPoint client;
  EndPoint server;
};

}  // namespace weir::net::testing
