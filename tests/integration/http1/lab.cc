#include "lab.h"

#include <future>
#include <utility>

#include <fmt/format.h>
#include <sys/socket.h>

#include <weir/base/check.h>
#include <weir/proto/http1/protocol.h>

namespace weir::testing {

Upstream::Upstream(Script script) : script_(std::move(script)), acceptor_([this] { accept_on(); }) {}

Upstream::~Upstream() {
  ::shutdown(port_.fd(), SHUT_RDWR);
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
}

void Upstream::accept_on() {
  while (true) {
    const int fd = ::accept4(port_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    threads_.emplace_back([this, wire = Wire(fd), number = count_.fetch_add(1)]() mutable { script_(wire, number); });
  }
}

Upstream::Script always(std::string answer) {
  return answering([answer = std::move(answer)](const Message&, int) { return answer; });
}

Upstream::Script answering(std::function<std::string(const Message&, int)> answer) {
  return [answer = std::move(answer)](Wire& wire, int number) {
    while (true) {
      const Message request = wire.read_message();
      if (!request.is_whole || !wire.send(answer(request, number))) return;
    }
  };
}

Lab::Lab(std::uint16_t upstream_port, const Change& change, const std::function<void()>& on_thread) {
  const auto at_port = [](std::uint16_t port) {
    return net::Endpoint{.kind = net::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = port, .path = {}};
  };
  auto plan = std::make_shared<proxy::Plan>();
  plan->listeners.push_back({.endpoint = at_port(0), .upstream = UpstreamId(0)});
  proxy::Plan::Upstream upstream;
  upstream.options.name = "app";
  upstream.options.servers.emplace_back();
  upstream.options.servers.back().address = at_port(upstream_port);
  upstream.servers.push_back(ServerId(0));
  plan->upstreams.push_back(upstream);
  plan->server_urls.push_back(upstream.options.servers.back().url());
  if (change) change(*plan);

  proxy::Worker::Parts parts;
  parts.plan = plan;
  parts.table = std::make_shared<const route::Table>(std::vector<route::Table::Entry>{});
  auto socket = net::ListeningSocket::open(plan->listeners[0].endpoint, false);
  WEIR_CHECK(socket.is_ok(), "no port to listen on");
  port_ = socket.value().endpoint().port;
  parts.sockets.push_back({.listener = 0, .socket = std::move(socket).value()});
  parts.protocol = proto::http1::make_protocol;
  parts.on_batch = [] {};
  parts.shared = &shared_;
  worker_ = std::make_unique<proxy::Worker>(std::move(parts));
  thread_ = std::thread([this, on_thread] {
    if (on_thread) on_thread();
    worker_->run();
  });
}

Lab::~Lab() {
  if (!thread_.joinable()) return;
  worker_->stop();
  thread_.join();
}

bool Lab::ask() {
  std::promise<bool> gave;
  worker_->ask([&gave](bool given) { gave.set_value(given); });
  return gave.get_future().get();
}

void Lab::take(std::vector<Fact>& into) {
  stats::Batch* batch = worker_->handoff().take();
  if (batch == nullptr) return;
  for (const stats::Record& record : batch->records()) {
    const stats::Detail detail = batch->detail(record);
    into.push_back({record, std::string(detail.path), std::string(detail.client), std::string(detail.request_id)});
  }
  batch->clear();
  worker_->handoff().done();
}

std::vector<Fact> Lab::facts(std::size_t count) {
  std::vector<Fact> facts;
  const TimePoint limit = Clock::now() + 60s;
  take(facts);
  if (!thread_.joinable()) return facts;
  do {
    ask();
    take(facts);
  } while (facts.size() < count && Clock::now() < limit);
  return facts;
}

std::string get(std::string_view target, std::string_view fields) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", target, fields);
}

std::string ok(std::string_view body, std::string_view fields) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n{}", body.size(), fields, body);
}

}  // namespace weir::testing
