#include <optional>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weir/net/listener.h>
#include <weir/net/timer.h>

#include "lab/no_descriptors.h"

using namespace weir;

namespace {

bool connect_to(int fd, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

TEST_CASE("Listener: connections wait while there are no descriptors, the loop goes on, and then they are taken") {
  net::Loop loop;
  const net::Endpoint any_port{.kind = net::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = 0, .path = {}};
  auto socket = net::ListeningSocket::open(any_port, false);
  REQUIRE(socket.is_ok());
  const std::uint16_t port = socket.value().endpoint().port;
  int pauses = 0;
  int ticks = 0;
  std::vector<net::Accepted> accepted;
  std::optional<net::Listener> listener;
  listener.emplace(
      loop, std::move(socket).value(), [&](net::Accepted one) { accepted.push_back(std::move(one)); }, [&] { ++pauses; });
  net::Timer timer(loop, [&] { ++ticks; });
  timer.start(10ms, 10ms);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  {
    const lab::NoDescriptors none;
    REQUIRE(connect_to(client, port));
    while (pauses < 1 || ticks < 30) loop.turn(true);
    CHECK(accepted.empty());
  }
  while (accepted.empty()) loop.turn(true);
  CHECK(accepted.size() == 1);
  CHECK(pauses >= 1);
  accepted.clear();
  listener.reset();
  ::close(client);
}
