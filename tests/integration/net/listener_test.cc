#include <optional>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weir/net/listener.h>
#include <weir/net/timer.h>

using namespace weir;

namespace {

/// As long as it lives the process gets no descriptor, not even in place of one that it gives back.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{.rlim_cur = 3, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

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
    const NoDescriptors none;
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
