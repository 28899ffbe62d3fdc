#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weir/base/check.h>
#include <weir/net/timer.h>
#include <weir/proxy/upstream_pool.h>

namespace weir::testing {

/// A listening socket of the test's own. Nobody accepts unless the test does.
class Server {
 public:
  explicit Server(const char* host, std::uint16_t port = 0, int backlog = 128) : fd_(open_socket()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    WEIR_CHECK(::inet_pton(AF_INET, host, &address.sin_addr) == 1, "no address");
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    WEIR_CHECK(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "no port to listen on");
    WEIR_CHECK(::listen(fd_, backlog) == 0, "cannot listen");
    socklen_t size = sizeof address_;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  ~Server() {
    for (const int fd : accepted_) ::close(fd);
    for (const int fd : fillers_) ::close(fd);
    close();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  std::uint16_t port() const { return ntohs(address_.sin_port); }
  /// Fills the queue of a server with backlog 0, so that the kernel drops every further SYN.
  void drop_syns() {
    for (int i = 0; i < 4; ++i) {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
      fillers_.push_back(fd);
    }
  }
  /// The next connection, blocking.
  int accept() {
    accepted_.push_back(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
    return accepted_.back();
  }

 private:
  static int open_socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

  int fd_;
  sockaddr_in address_{};
  std::vector<int> accepted_;
  std::vector<int> fillers_;
};

struct Waiter final : proxy::ConnectionWaiter {
  void on_place(TimePoint given) override { place = given; }
  void on_connection(std::unique_ptr<proxy::UpstreamConnection> given) override {
    ++calls;
    connection = std::move(given);
    if (then) then();
  }
  void on_no_connection(Fault why, ServerId which, std::string_view reason) override {
    ++calls;
    fault = why;
    server = which;
    said = reason;
    at = Clock::now();
    if (then) then();
  }

  std::unique_ptr<proxy::UpstreamConnection> connection;
  Fault fault = Fault::none;
  ServerId server = ServerId(77);
  std::string said;
  TimePoint place;
  TimePoint at;
  int calls = 0;
  std::function<void()> then;
};

/// A loop with one pool.
struct PoolLab {
  proxy::ServerOptions& add(const std::string& host, std::uint16_t port) {
    proxy::ServerOptions server;
    server.address = {.kind = net::Endpoint::Kind::tcp, .host = host, .port = port, .path = {}};
    upstream.options.name = "app";
    upstream.options.servers.push_back(server);
    upstream.servers.push_back(ServerId(static_cast<std::uint32_t>(upstream.servers.size())));
    upstream.health.push_back(std::make_shared<proxy::ServerHealth>(changes));
    return upstream.options.servers.back();
  }
  proxy::UpstreamPool& make(std::uint32_t max_connections = 100) {
    pool = std::make_unique<proxy::UpstreamPool>(loop, deadlines, resolver, upstream, max_connections);
    return *pool;
  }
  proxy::UpstreamServer& server(std::uint32_t id = 0) {
    const ServerId wanted(id);
    while (true) {
      proxy::UpstreamServer* chosen = pool->choose(0, kNoServer, Clock::now());
      if (chosen->id == wanted) return *chosen;
    }
  }
  bool ask(Waiter& waiter, std::uint32_t id = 0) { return pool->ask(waiter, server(id), Clock::now()); }
  /// Turns the loop until `is_so`; false where that takes ten seconds.
  bool until(const std::function<bool()>& is_so) {
    const TimePoint limit = Clock::now() + 10s;
    net::Timer ticks(loop, [] {});
    ticks.start(1ms, 1ms);
    while (!is_so() && Clock::now() < limit) loop.turn(true);
    return is_so();
  }
  bool connect(Waiter& waiter, std::uint32_t id = 0) {
    return ask(waiter, id) && until([&] { return waiter.calls > 0; }) && waiter.connection != nullptr;
  }
  void for_turns(int turns) {
    int left = turns;
    until([&] { return left-- == 0; });
  }
  void retire() {
    pool->close_idle();
    loop.reaper().take(std::move(pool));
  }

  std::shared_ptr<proxy::ServerHealth::Changes> changes = std::make_shared<proxy::ServerHealth::Changes>();
  proxy::Plan::Upstream upstream;
  net::Loop loop;
  net::Deadlines deadlines{loop};
  net::Resolver resolver{loop};
  std::unique_ptr<proxy::UpstreamPool> pool;
};

}  // namespace weir::testing
