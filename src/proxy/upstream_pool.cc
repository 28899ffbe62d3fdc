// HOT PATH: take_idle and give_back; no allocation once warm, no lock, no log above debug, and one system call: the look
// at a kept connection before it is used again.
#include "attempt.h"

#include <algorithm>
#include <utility>

#include <weir/base/bytes.h>
#include <weir/base/check.h>
#include <weir/base/log.h>
#include <weir/proxy/upstream_pool.h>

namespace weir::proxy {
namespace {

/// How many may wait for a connection, for each that there may be.
constexpr std::size_t kWaitingPerConnection = 4;
constexpr std::size_t kLeastMaxWaiting = 1024;
constexpr Nanos kBetweenLookupWarnings = 30s;

void log_failure(const UpstreamOptions& upstream, const UpstreamServer& server) {
  log::warning("a server cannot be reached and is passed over for a while",
               {{"upstream", upstream.name}, {"server", server.options.url()}});
}

void log_return(const UpstreamOptions& upstream, const UpstreamServer& server) {
  log::info("a server can be reached again", {{"upstream", upstream.name}, {"server", server.options.url()}});
}

}  // namespace

UpstreamPool::UpstreamPool(net::Loop& loop, net::Deadlines& deadlines, net::Resolver& resolver,
                           const Plan::Upstream& upstream, std::uint32_t max_connections,
                           std::function<void()> on_shortage)
    : loop_(loop),
      deadlines_(deadlines),
      resolver_(resolver),
      options_(upstream.options),
      tls_(upstream.tls),
      max_connections_(max_connections),
      max_waiting_(std::max(kLeastMaxWaiting, kWaitingPerConnection * max_connections)),
      on_shortage_(std::move(on_shortage)),
      always_takes_first_(options_.servers.size() == 1 && !options_.health_check.is_on) {
  random_bytes(reinterpret_cast<char*>(&random_), sizeof random_);
  random_ |= 1;
  const auto own_changes = std::make_shared<ServerHealth::Changes>();
  for (std::size_t i = 0; i < options_.servers.size(); ++i) {
    auto made = std::make_unique<UpstreamServer>();
    UpstreamServer& server = *made;
    server.id = upstream.servers[i];
    server.options = options_.servers[i];
    server.health = i < upstream.health.size() ? upstream.health[i] : std::make_shared<ServerHealth>(own_changes);
    server.addresses.emplace(deadlines_, resolver_, server.options.address,
                             [this, &server](const std::string& error) { on_looked_up(server, error); });
    servers_.push_back(std::move(made));
  }
  health_changes_ = &servers_.front()->health->changes();
  look_at_health(Clock::now());
}

UpstreamPool::~UpstreamPool() {
  for (const auto& attempt : attempts_) attempt->waiter_->attempt_ = nullptr;
}

std::unique_ptr<UpstreamConnection> UpstreamPool::take_idle(UpstreamServer& server) {
  while (!server.idle.empty()) {
    std::unique_ptr<UpstreamConnection> connection = std::move(server.idle.back());
    server.idle.pop_back();
    deadlines_.disarm(*connection);
    ++server.active;
    // The loop tells of what comes on an idle connection, but the request that is about to go out may have been handled
    // before it in the same turn. What is unread now would be taken for the response; an end would cost a request that
    // cannot be repeated.
    if (!connection->stream_.has_unread()) return connection;
    if (connection->stream_.has_ended()) server.addresses->look_again(Clock::now());
    retire(std::move(connection));
  }
  return nullptr;
}

bool UpstreamPool::ask(ConnectionWaiter& waiter, UpstreamServer& server, TimePoint now) {
  const bool has_place = connections_ < max_connections_ || free_a_place();
  if (!has_place && waiting_for_place_.size() >= max_waiting_) return false;
  attempts_.push_back(std::make_unique<Attempt>(*this, waiter, server));
  Attempt& attempt = *attempts_.back();
  attempt.index_ = attempts_.size() - 1;
  waiter.attempt_ = &attempt;
  if (has_place) {
    give_place(attempt, now);
  } else {
    waiting_for_place_.push_back(&attempt);
    attempt.wait_for_place(now);
  }
  return true;
}

void UpstreamPool::withdraw(ConnectionWaiter& waiter, TimePoint) {
  if (waiter.attempt_ == nullptr) return;
  Attempt& attempt = *waiter.attempt_;
  const bool had_place = attempt.has_place();
  attempt.close_pending();
  end(attempt);
  if (!had_place) return;
  free_place(attempt.server());
  serve_queue();
}

void UpstreamPool::give_back(std::unique_ptr<UpstreamConnection> connection, TimePoint now) {
  UpstreamServer& server = connection->server_;
  ++connection->exchanges_;
  if (is_closing_ || !server.addresses->has(connection->address_)) [[unlikely]] {
    drop(std::move(connection));
    return;
  }
  connection->stream_.set_owner(*connection);
  connection->stream_.start_reading();
  if (!waiting_for_place_.empty()) {
    // The attempt that has waited longest goes first. Any server will do, but where a hash says otherwise. What has come
    // on the connection meanwhile would be taken for the next response.
    Attempt& attempt = *waiting_for_place_.front();
    const bool is_elsewhere = options_.balance == Balance::hash && &attempt.server() != &server;
    if (is_elsewhere || connection->stream_.has_unread()) {
      drop(std::move(connection));
      return;
    }
    connection->begun_ = now;
    end(attempt)->on_connection(std::move(connection));
    return;
  }
  --server.active;
  deadlines_.arm(*connection, now, options_.timeouts.idle);
  server.idle.push_back(std::move(connection));
}

void UpstreamPool::drop(std::unique_ptr<UpstreamConnection> connection) {
  ServerAddresses& addresses = *connection->server_.addresses;
  // A kept connection that the server has ended may mean that the app has moved.
  if (!is_closing_ && addresses.is_name() && connection->is_reused() && connection->stream_.has_ended()) {
    addresses.look_again(Clock::now());
  }
  retire(std::move(connection));
  serve_queue();
}

void UpstreamPool::retire(std::unique_ptr<UpstreamConnection> connection) {
  free_place(connection->server_);
  close(std::move(connection));
}

void UpstreamPool::retire_idle(UpstreamServer& server, std::size_t index) {
  const auto position = server.idle.begin() + static_cast<std::ptrdiff_t>(index);
  std::unique_ptr<UpstreamConnection> connection = std::move(*position);
  server.idle.erase(position);
  ++server.active;  // which free_place takes back
  retire(std::move(connection));
}

void UpstreamPool::close(std::unique_ptr<UpstreamConnection> connection) {
  deadlines_.disarm(*connection);
  connection->stream_.close();
  loop_.reaper().take(std::move(connection));
}

void UpstreamPool::on_idle_ended(UpstreamConnection& connection, IdleEnd end) {
  UpstreamServer& server = connection.server_;
  const auto found =
      std::find_if(server.idle.begin(), server.idle.end(), [&](const auto& idle) { return idle.get() == &connection; });
  WEIR_CHECK(found != server.idle.end(), "a connection is not where its pool believes it to be");
  retire_idle(server, static_cast<std::size_t>(found - server.idle.begin()));
  if (end == IdleEnd::by_server) server.addresses->look_again(Clock::now());
  serve_queue();
}

void UpstreamPool::give_place(Attempt& attempt, TimePoint now) {
  ++connections_;
  ++attempt.server().active;
  attempt.begin(now);
}

void UpstreamPool::free_place(UpstreamServer& server) {
  --connections_;
  --server.active;
}

/// An idle connection to one server must not keep an exchange from another.
bool UpstreamPool::free_a_place() {
  for (auto& server : servers_) {
    if (server->idle.empty()) continue;
    retire_idle(*server, 0);
    return true;
  }
  return false;
}

void UpstreamPool::serve_queue() {
  while (!waiting_for_place_.empty() && (connections_ < max_connections_ || free_a_place())) {
    Attempt& attempt = *waiting_for_place_.front();
    waiting_for_place_.pop_front();
    give_place(attempt, Clock::now());
  }
}

ConnectionWaiter* UpstreamPool::end(Attempt& attempt) {
  if (attempt.state_ == Attempt::State::place) std::erase(waiting_for_place_, &attempt);
  attempt.state_ = Attempt::State::over;
  deadlines_.disarm(attempt);
  const std::size_t index = attempt.index_;
  WEIR_CHECK(index < attempts_.size() && attempts_[index].get() == &attempt, "an attempt ended twice");
  loop_.reaper().take(std::move(attempts_[index]));
  if (index + 1 != attempts_.size()) {
    attempts_[index] = std::move(attempts_.back());
    attempts_[index]->index_ = index;
  }
  attempts_.pop_back();
  ConnectionWaiter* const waiter = std::exchange(attempt.waiter_, nullptr);
  waiter->attempt_ = nullptr;
  return waiter;
}

void UpstreamPool::note_success(UpstreamServer& server, TimePoint now) {
  if (server.health->note_success(now)) log_return(options_, server);
}

void UpstreamPool::note_failure(UpstreamServer& server, TimePoint begun, TimePoint now) {
  if (server.health->note_failure(begun, now)) log_failure(options_, server);
  server.addresses->look_again(now);
}

void UpstreamPool::tick(TimePoint now) {
  for (auto& server : servers_) server->addresses->refresh(now);
}

void UpstreamPool::on_looked_up(UpstreamServer& server, const std::string& error) {
  const TimePoint now = Clock::now();
  if (!error.empty() &&
      (server.lookup_failure_said == TimePoint() || now - server.lookup_failure_said >= kBetweenLookupWarnings)) {
    // What was known before still stands: a name server that is away must not take the app away.
    server.lookup_failure_said = now;
    log::warning("an upstream's name was not resolved", {{"upstream", options_.name}, {"error", error}});
  }
  if (error.empty()) server.lookup_failure_said = TimePoint();
  if (server.addresses->is_empty() && server.health->note_failure(now, now)) log_failure(options_, server);

  // A connection to an address that the name no longer has leads to who knows whom.
  for (std::size_t i = server.idle.size(); i-- > 0;) {
    if (!server.addresses->has(server.idle[i]->address_)) retire_idle(server, i);
  }
  // What is called from here on may begin and end attempts. One that is over stays until the turn is done.
  std::vector<Attempt*> waiting;
  for (const auto& attempt : attempts_) {
    if (attempt->state() == Attempt::State::name && &attempt->server() == &server) waiting.push_back(attempt.get());
  }
  for (Attempt* attempt : waiting) {
    if (attempt->state() == Attempt::State::name) attempt->on_looked_up(now, error);
  }
  serve_queue();
}

bool UpstreamPool::is_unused() const { return connections_ == 0 && attempts_.empty(); }

void UpstreamPool::close_idle() {
  is_closing_ = true;
  for (auto& server : servers_) {
    while (!server->idle.empty()) retire_idle(*server, server->idle.size() - 1);
  }
}

}  // namespace weir::proxy
