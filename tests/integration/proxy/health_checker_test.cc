#include <weir/proxy/health_checker.h>

#include <memory>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lab/fake_names.h"
#include "pool_lab.h"

using namespace weir;
using namespace weir::proxy;
using namespace weir::testing;

namespace {

/// An app on a Unix socket that gives every connection the same response.
class SocketApp {
 public:
  explicit SocketApp(const std::string& path, std::string response = "HTTP/1.1 204 No Content\r\n\r\n")
      : path_(path), response_(std::move(response)), fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ::unlink(path.c_str());
    WEIR_CHECK(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && ::listen(fd_, 16) == 0,
               "no socket");
    thread_ = std::thread([this] {
      while (true) {
        const int client = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        char request[4096];
        if (::recv(client, request, sizeof request, 0) > 0) {
          ::send(client, response_.data(), response_.size(), MSG_NOSIGNAL);
        }
        ::close(client);
      }
    });
  }
  ~SocketApp() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
    ::unlink(path_.c_str());
  }

 private:
  std::string path_;
  std::string response_;
  int fd_;
  std::thread thread_;
};

struct CheckerLab {
  CheckerLab(const net::Endpoint& server, bool is_checked, std::uint16_t port = 0) {
    auto made = std::make_shared<Plan>();
    Plan::Upstream upstream;
    upstream.options.name = "app";
    upstream.options.servers.emplace_back();
    upstream.options.servers[0].address = server;
    if (port != 0) upstream.options.servers[0].address.port = port;
    upstream.options.health_check.is_on = is_checked;
    upstream.options.health_check.interval = 100ms;
    upstream.options.health_check.timeout = 100ms;
    upstream.servers.push_back(ServerId(0));
    upstream.health.push_back(health);
    made->upstreams.push_back(upstream);
    made->server_urls.push_back(upstream.options.servers[0].url());
    plan = made;
  }
  bool until(const std::function<bool()>& is_so) {
    const TimePoint limit = Clock::now() + 20s;
    while (!is_so() && Clock::now() < limit) loop.turn(true);
    return is_so();
  }
  std::string outcome() const {
    const auto reports = checker.reports();
    return reports.empty() || !reports[0].check ? "" : reports[0].check->outcome;
  }

  ServerHealthPtr health = std::make_shared<ServerHealth>(std::make_shared<ServerHealth::Changes>());
  PlanPtr plan;
  net::Loop loop;
  HealthChecker checker{loop, "weir"};
};

net::Endpoint socket_at(const std::string& path) {
  return {.kind = net::Endpoint::Kind::unix_socket, .host = {}, .port = 0, .path = path};
}

}  // namespace

TEST_CASE("HealthChecker: a server on a Unix socket is checked") {
  const std::string path = fmt::format("/tmp/weir-checked-{}.sock", ::getpid());
  CheckerLab lab(socket_at(path), true);
  lab.checker.configure(lab.plan);
  CHECK(lab.until([&] { return lab.health->state() == ServerState::unhealthy; }));
  CHECK(lab.outcome() == "no such file or directory");
  const SocketApp app(path);
  CHECK(lab.until([&] { return lab.health->state() == ServerState::healthy; }));
  CHECK(lab.outcome() == "204");
}

TEST_CASE("HealthChecker: a response is read as traffic reads it") {
  const std::string path = fmt::format("/tmp/weir-read-{}.sock", ::getpid());
  const std::string early = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  std::string long_head = "HTTP/1.1 200 OK\r\n";
  while (long_head.size() < 200'000) long_head += fmt::format("X-{}: {}\r\n", long_head.size(), std::string(4000, 'x'));
  struct Case {
    std::string response;
    ServerState state;
    std::string outcome;
  };
  const Case cases[] = {
      {early + ok, ServerState::healthy, "200"},
      {"HTTP/1.1 100 Continue\r\n\r\n" + early + ok, ServerState::healthy, "200"},
      {"\r\n\r\n" + ok, ServerState::healthy, "200"},
      {"\nHTTP/1.1 200 OK\n\n", ServerState::healthy, "200"},
      {"HTTP/1.0 200\r\n\r\n", ServerState::healthy, "200"},
      {early + "HTTP/1.1 500 Oops\r\n\r\n", ServerState::unhealthy, "500 to GET /health, Host"},
      {early, ServerState::unhealthy, "the connection was closed before a response to GET /health, Host"},
      {"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", ServerState::unhealthy, "no HTTP/1 response to GET /health, Host"},
      {"SSH-2.0-x\r\n\r\n", ServerState::unhealthy, "no HTTP/1 response to GET /health, Host"},
      {long_head, ServerState::unhealthy, "no HTTP/1 response to GET /health, Host"},
  };
  for (const auto& [response, state, outcome] : cases) {
    CAPTURE(response.substr(0, 100));
    CheckerLab lab(socket_at(path), true);
    const SocketApp app(path, response);
    lab.checker.configure(lab.plan);
    CHECK(lab.until([&] { return lab.health->state() == state && !lab.outcome().empty(); }));
    CHECK_MESSAGE(lab.outcome().starts_with(outcome), lab.outcome());
  }
}

TEST_CASE("HealthChecker: a server on a Unix socket that failed is found again without a health check") {
  const std::string path = fmt::format("/tmp/weir-unchecked-{}.sock", ::getpid());
  CheckerLab lab(socket_at(path), false);
  lab.checker.configure(lab.plan);
  lab.health->note_failure(Clock::now(), Clock::now());
  CHECK(lab.until([&] { return lab.outcome() == "no such file or directory"; }));
  CHECK(lab.health->is_failing());
  const SocketApp app(path);
  CHECK(lab.until([&] { return !lab.health->is_failing(); }));
}

TEST_CASE("HealthChecker: an address that drops SYNs does not make a server unhealthy that has another") {
  lab::FakeNames names;
  Server server("127.0.0.3");
  Server silent("127.0.0.2", server.port(), 0);
  silent.drop_syns();
  names.set("app-h2", {"127.0.0.2", "127.0.0.3"});
  CheckerLab lab({.kind = net::Endpoint::Kind::tcp, .host = "app-h2", .port = server.port(), .path = {}}, false);
  lab.health->note_failure(Clock::now(), Clock::now());
  lab.checker.configure(lab.plan);
  CHECK(lab.until([&] { return !lab.outcome().empty(); }));
  CHECK(lab.outcome() == "connected");
  CHECK_FALSE(lab.health->is_failing());
}

TEST_CASE("HealthChecker: an address that is refused brings the next one forward, and none is tried twice") {
  lab::FakeNames names;
  Server silent("127.0.0.3", 0, 0);
  silent.drop_syns();
  names.set("app-h3", {"127.0.0.2", "127.0.0.3"});
  CheckerLab lab({.kind = net::Endpoint::Kind::tcp, .host = "app-h3", .port = silent.port(), .path = {}}, true);
  lab.checker.configure(lab.plan);
  CHECK(lab.until([&] { return !lab.outcome().empty(); }));
  CHECK(lab.outcome() == "no connection within 100ms");
}
