#include "episode.h"

#include <algorithm>
#include <fmt/format.h>

#include <weir/base/check.h>
#include <weir/proto/http1/protocol.h>

namespace weir::chaos {
namespace {

/// Which servers an upstream may have: one of these, each time a plan is made.
const std::vector<std::vector<std::vector<std::size_t>>> kServers = {
    {{0}, {0, 4}, {0, 1}, {1, 2}, {1}},
    {{1}, {1, 0}, {2, 1}, {2}, {0, 1}},
    {{3}, {3, 0}, {3, 1}},
};
/// When all is well, and where there are no names.
const std::vector<std::vector<std::size_t>> kCalmServers = {{0}, {1}, {3}};
const std::vector<std::vector<std::size_t>> kNamelessServers = {{0, 4}, {4}, {3}};

}  // namespace

Nanos Episode::some_timeout() {
  if (model_.is_calm) return 5s;
  return std::chrono::milliseconds(scene_.milliseconds[model_.dice.below(scene_.milliseconds.size())]);
}

void Episode::fill_upstream(proxy::Plan& plan, std::size_t index) {
  Dice& dice = model_.dice;
  proxy::Plan::Upstream& upstream = plan.upstreams.emplace_back();
  upstream.options.name = fmt::format("u{}", index);
  std::vector<std::size_t> servers = kServers[index][dice.below(kServers[index].size())];
  while (scene_.has_choice && servers.size() < 2) servers = kServers[index][dice.below(kServers[index].size())];
  if (!scene_.has_names) servers = kNamelessServers[index];
  if (model_.is_calm) servers = scene_.has_names ? kCalmServers[index] : kNamelessServers[index];
  for (const std::size_t server : servers) {
    upstream.options.servers.emplace_back().address = endpoints_[server];
    upstream.options.servers.back().weight = static_cast<std::uint32_t>(dice.between(1, 2));
    upstream.servers.push_back(ServerId(static_cast<std::uint32_t>(server)));
    upstream.health.push_back(health_[server]);
  }
  upstream.options.balance = static_cast<proxy::Balance>(dice.below(4));
  upstream.options.retries = static_cast<std::uint32_t>(dice.between(scene_.has_choice ? 1 : 0, 2));
  upstream.options.max_connections =
      model_.is_calm ? 16 : static_cast<std::uint32_t>(dice.between(scene_.least_connections, scene_.most_connections));
  upstream.options.timeouts.connect = some_timeout();
  upstream.options.timeouts.response = some_timeout();
  upstream.options.timeouts.idle = some_timeout();
  upstream.is_gone = !model_.is_calm && worker_ != nullptr && dice.one_in(12);
}

void Episode::open_listener(std::size_t index, std::vector<proxy::Worker::NewSocket>& sockets) {
  net::Endpoint endpoint{.kind = net::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = 0, .path = {}};
  if (index == 2) {
    endpoint = {.kind = net::Endpoint::Kind::unix_socket,
                .host = {},
                .port = 0,
                .path = fmt::format("{}/in{}", directory_, opened_++)};
  }
  auto socket = net::ListeningSocket::open(endpoint, false);
  WEIR_CHECK(socket.is_ok(), "no socket to listen on");
  listeners_[index] = socket.value().endpoint();
  is_listening_[index] = true;
  sockets.push_back({.listener = index, .socket = std::move(socket).value()});
}

proxy::PlanPtr Episode::make_plan(std::vector<proxy::Worker::NewSocket>& sockets) {
  Dice& dice = model_.dice;
  auto plan = std::make_shared<proxy::Plan>();
  for (const net::Endpoint& endpoint : endpoints_) plan->server_urls.push_back("http://" + endpoint.to_string());
  const proxy::Plan* former = worker_ == nullptr ? nullptr : &worker_->plan();
  for (std::size_t i = 0; i < kListeners; ++i) {
    // Most of a reload is as it was, as in life.
    if (former != nullptr && !model_.is_calm && dice.one_in(3)) {
      plan->upstreams.push_back(former->upstreams[i]);
    } else {
      fill_upstream(*plan, i);
    }
    if (!is_listening_[i] && (worker_ == nullptr || model_.is_calm || dice.one_in(3))) {
      open_listener(i, sockets);
    } else if (is_listening_[i] && !model_.is_calm && dice.one_in(15)) {
      is_listening_[i] = false;
    }
    plan->listeners.push_back({.endpoint = listeners_[i],
                               .upstream = UpstreamId(static_cast<std::uint32_t>(i)),
                               .is_gone = !is_listening_[i]});
  }
  plan->timeouts.request_head = some_timeout();
  plan->timeouts.request_body = some_timeout();
  plan->timeouts.keep_alive = some_timeout();
  plan->timeouts.idle = some_timeout();
  plan->timeouts.connect = some_timeout();
  plan->timeouts.response = some_timeout();
  if (!model_.is_calm && scene_.has_limits) {
    plan->limits.body_size = dice.pick<std::uint64_t>({1'000'000, 1'000'000, 100'000, 5000});
    plan->limits.connections = dice.pick({10'000U, 10'000U, 3U});
  }
  plan->measure.request_id_on_response = dice.one_in(2);
  model_.body_limit = plan->limits.body_size;
  for (Request& request : model_.requests) request.body_limit = std::max(request.body_limit, model_.body_limit);
  return plan;
}

void Episode::change_plan() {
  std::vector<proxy::Worker::NewSocket> sockets;
  proxy::PlanPtr plan = make_plan(sockets);
  std::string text;
  for (const proxy::Plan::Upstream& upstream : plan->upstreams) {
    text += fmt::format(" {}{}[", upstream.options.name, upstream.is_gone ? " (gone)" : "");
    for (const ServerId server : upstream.servers) text += fmt::format("app{} ", server.value);
    text += fmt::format("max {} retries {} connect {} response {} idle {}]", upstream.options.max_connections,
                        upstream.options.retries, upstream.options.timeouts.connect / 1ms,
                        upstream.options.timeouts.response / 1ms, upstream.options.timeouts.idle / 1ms);
  }
  model_.note("plan", 0, "{}:{}", worker_ == nullptr ? "first" : "reload", text);
  if (worker_ != nullptr) {
    worker_->reload(std::move(plan), std::move(sockets));
    return;
  }
  proxy::Worker::Parts parts;
  parts.plan = std::move(plan);
  parts.table = std::make_shared<const route::Table>(std::vector<route::Table::Entry>{});
  parts.sockets = std::move(sockets);
  parts.protocol = proto::http1::make_protocol;
  parts.on_batch = [this] { take_records(); };
  parts.shared = &shared_;
  worker_ = std::make_unique<proxy::Worker>(std::move(parts));
}

}  // namespace weir::chaos
