#include "lab/no_descriptors.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include <weir/net/listener.h>
#include <weir/net/timer.h>

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

namespace {

/// A path of its own for a Unix socket, and the address of it.
struct SocketPath {
  SocketPath() {
    char name[] = "/tmp/weir-socket-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    folder = name;
    endpoint = {.kind = net::Endpoint::Kind::unix_socket, .host = {}, .port = 0, .path = folder + "/a.sock"};
    address.sun_family = AF_UNIX;
    endpoint.path.copy(address.sun_path, sizeof address.sun_path - 1);
  }
  ~SocketPath() {
    ::unlink(endpoint.path.c_str());
    ::rmdir(folder.c_str());
  }
  bool exists() const { return ::access(endpoint.path.c_str(), F_OK) == 0; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }

  std::string folder;
  net::Endpoint endpoint;
  sockaddr_un address{};
};

}  // namespace

TEST_CASE("ListeningSocket: a living Unix socket with a full queue is taken, and finding that out does not wait") {
  const SocketPath path;
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(listener, path.get(), sizeof path.address) == 0);
  REQUIRE(::listen(listener, 0) == 0);
  std::vector<int> waiting;
  bool is_full = false;
  while (!is_full && waiting.size() < 100) {
    waiting.push_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    is_full = ::connect(waiting.back(), path.get(), sizeof path.address) != 0 && errno == EAGAIN;
  }
  REQUIRE(is_full);
  const auto second = net::ListeningSocket::open(path.endpoint, false);
  REQUIRE_FALSE(second.is_ok());
  CHECK(second.error().message.find("another program listens there") != std::string::npos);
  CHECK(path.exists());
  for (const int fd : waiting) ::close(fd);
  ::close(listener);
}

TEST_CASE("ListeningSocket: the file of a Unix socket goes with its last duplicate") {
  const SocketPath path;
  std::optional<net::ListeningSocket> copy;
  {
    auto first = net::ListeningSocket::open(path.endpoint, true);
    REQUIRE(first.is_ok());
    auto duplicate = first.value().duplicate();
    REQUIRE(duplicate.is_ok());
    copy.emplace(std::move(duplicate).value());
  }
  CHECK(path.exists());
  copy.reset();
  CHECK_FALSE(path.exists());
}

TEST_CASE("ListeningSocket: a file that somebody else has put in its place stays") {
  const SocketPath path;
  {
    auto ours = net::ListeningSocket::open(path.endpoint, false);
    REQUIRE(ours.is_ok());
    const std::string aside = path.folder + "/aside";
    REQUIRE(::rename(path.endpoint.path.c_str(), aside.c_str()) == 0);
    const int theirs = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::bind(theirs, path.get(), sizeof path.address) == 0);
    ::close(theirs);
    ::unlink(aside.c_str());
  }
  CHECK(path.exists());
}
