#include "lab/no_descriptors.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <functional>
#include <optional>
#include <poll.h>
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

namespace {

/// A listener on one TCP port or one Unix socket, clients of it, and what it has accepted.
struct Gate {
  explicit Gate(bool is_unix) {
    if (is_unix) {
      endpoint = path.endpoint;
    } else {
      endpoint = {.kind = net::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = 0, .path = {}};
    }
    auto opened = net::ListeningSocket::open(endpoint, false);
    REQUIRE(opened.is_ok());
    endpoint.port = opened.value().endpoint().port;
    auto other = opened.value().duplicate();
    REQUIRE(other.is_ok());
    listener.emplace(loop, std::move(opened).value(), take(), [this] { ++pauses; });
    duplicate.emplace(std::move(other).value());
  }
  ~Gate() {
    for (const int fd : clients) ::close(fd);
  }

  std::function<void(net::Accepted)> take() {
    return [this](net::Accepted one) { accepted.push_back(std::move(one)); };
  }
  /// 0, or why that did not work at once.
  int connect() {
    const bool is_unix = endpoint.kind == net::Endpoint::Kind::unix_socket;
    clients.push_back(::socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int outcome = is_unix
                            ? ::connect(clients.back(), path.get(), sizeof path.address)
                            : ::connect(clients.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (outcome == 0) return 0;
    if (errno == EINPROGRESS && ends_within(clients.back(), POLLOUT, 200)) return error_of(clients.back());
    return errno;
  }
  static bool ends_within(int fd, short events, int ms) {
    pollfd one{.fd = fd, .events = events, .revents = 0};
    const bool has_ended = ::poll(&one, 1, ms) == 1;
    if (!has_ended) errno = EINPROGRESS;
    return has_ended;
  }
  static int error_of(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }
  /// How many of the first clients are connected and not reset.
  std::size_t whole(std::size_t first) const {
    const auto end = clients.begin() + static_cast<std::ptrdiff_t>(first);
    return static_cast<std::size_t>(std::count_if(clients.begin(), end, [](int fd) {
      char byte;
      return ::recv(fd, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
    }));
  }

  SocketPath path;
  net::Endpoint endpoint;
  net::Loop loop;
  int pauses = 0;
  std::vector<net::Accepted> accepted;
  std::vector<int> clients;
  std::optional<net::Listener> listener;
  std::optional<net::ListeningSocket> duplicate;  ///< without a listener unless the test makes one
};

}  // namespace

TEST_CASE("Listener: closing accepts what waits in the queue, and then connections are refused") {
  for (const bool is_unix : {false, true}) {
    CAPTURE(is_unix);
    Gate gate(is_unix);
    gate.duplicate.reset();
    for (int i = 0; i < 50; ++i) REQUIRE(gate.connect() == 0);
    gate.listener->close();
    CHECK(gate.accepted.size() == 50);
    CHECK(gate.whole(50) == 50);
    const int refused = gate.connect();
    CHECK((refused == ECONNREFUSED || refused == ENOENT));
  }
}

TEST_CASE("Listener: once new connections are stopped nobody connects, and what is in the queue is accepted") {
  for (const bool is_unix : {false, true}) {
    CAPTURE(is_unix);
    Gate gate(is_unix);
    gate.duplicate.reset();
    for (int i = 0; i < 50; ++i) REQUIRE(gate.connect() == 0);
    gate.listener->stop_new_connections();
    CHECK(gate.connect() == (is_unix ? ECONNREFUSED : EINPROGRESS));
    while (gate.accepted.size() < 50) gate.loop.turn(true);
    // Once more, now that the queue is empty.
    net::Timer timer(gate.loop, [] {});
    timer.start(1ms);
    while (timer.is_running()) gate.loop.turn(true);
    CHECK(gate.accepted.size() == 50);
    CHECK(gate.whole(50) == 50);
    CHECK(gate.pauses == 0);
    gate.listener->close();
    // On TCP the kernel tries again by itself, a second after.
    if (!is_unix) CHECK(Gate::ends_within(gate.clients.back(), POLLOUT, 20'000));
    if (!is_unix) CHECK(Gate::error_of(gate.clients.back()) == ECONNREFUSED);
  }
}

TEST_CASE("Listener: what waits on a Unix socket is accepted by the first of its listeners that is told to stop") {
  Gate gate(true);
  net::Loop other_loop;
  int other_pauses = 0;
  net::Listener other(other_loop, std::move(*gate.duplicate), gate.take(), [&] { ++other_pauses; });
  gate.duplicate.reset();
  for (int i = 0; i < 5; ++i) REQUIRE(gate.connect() == 0);
  gate.listener->stop_new_connections();
  CHECK(gate.accepted.size() == 5);
  CHECK(gate.whole(5) == 5);
  CHECK(gate.connect() == ECONNREFUSED);
  other.stop_new_connections();
  CHECK(gate.accepted.size() == 5);
  CHECK(other_pauses == 0);
  other.close();
  gate.listener->close();
  CHECK_FALSE(gate.path.exists());
}

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
