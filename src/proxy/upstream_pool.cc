// HOT PATH: choose, take_idle and give_back; no allocation once warm, no lock, no system call, no log above debug.
#include <weir/proxy/upstream_pool.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <weir/base/bytes.h>
#include <weir/base/check.h>
#include <weir/base/log.h>

namespace weir::proxy {
namespace {

constexpr Nanos kFirstPassOver = 1s;
constexpr std::uint32_t kMaxPassOverDoublings = 4;
/// A name is looked up again after so long, so that weir follows when it comes to mean another address.
constexpr Nanos kNameIsGoodFor = 30s;

std::uint64_t mix(std::uint64_t x) {  // the finalizer of splitmix64
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

/// Takes `connection` out of the vector that owns it; the order of the rest does not matter.
std::unique_ptr<UpstreamConnection> take_out(std::vector<std::unique_ptr<UpstreamConnection>>& from,
                                             const UpstreamConnection& connection) {
  const auto found = std::find_if(from.begin(), from.end(), [&](const auto& entry) { return entry.get() == &connection; });
  WEIR_CHECK(found != from.end(), "a connection is not where its pool believes it to be");
  std::unique_ptr<UpstreamConnection> taken = std::move(*found);
  from.erase(found);
  return taken;
}

}  // namespace

UpstreamConnection::UpstreamConnection(UpstreamPool& pool, UpstreamServer& server)
    : pool_(pool), server_(server), stream_(pool.loop_, *this) {}

UpstreamConnection::~UpstreamConnection() = default;

ServerId UpstreamConnection::server() const { return server_.id; }

// As the owner of its own stream a connection is either being made or idle: whatever comes then ends it.
void UpstreamConnection::on_data(net::Stream&, std::span<char>) { pool_.on_idle_ended(*this); }
void UpstreamConnection::on_end(net::Stream&) { pool_.on_idle_ended(*this); }
void UpstreamConnection::on_failed(net::Stream&, int) { pool_.on_idle_ended(*this); }
void UpstreamConnection::on_drained(net::Stream&) {}
void UpstreamConnection::on_connected(net::Stream&, int error) { pool_.on_connected(*this, error); }
void UpstreamConnection::on_deadline() { pool_.on_idle_ended(*this); }

UpstreamPool::UpstreamPool(net::Loop& loop, net::Deadlines& deadlines, net::Resolver& resolver,
                           const Plan::Upstream& upstream, std::uint32_t max_connections)
    : loop_(loop),
      deadlines_(deadlines),
      resolver_(resolver),
      options_(upstream.options),
      tls_(upstream.tls),
      max_connections_(max_connections) {
  random_bytes(reinterpret_cast<char*>(&random_), sizeof random_);
  random_ |= 1;
  for (std::size_t i = 0; i < options_.servers.size(); ++i) {
    const ServerOptions& server = options_.servers[i];
    auto made = std::make_unique<UpstreamServer>();
    made->id = upstream.servers[i];
    made->options = server;
    total_weight_ += server.weight;
    if (net::SocketAddress::is_literal(server.address)) {
      if (auto address = net::SocketAddress::of_literal(server.address)) made->addresses = {address.value()};
    }
    servers_.push_back(std::move(made));
  }
  for (auto& server : servers_) {
    if (server->addresses.empty()) resolve(*server);
  }
}

UpstreamPool::~UpstreamPool() = default;

std::uint32_t UpstreamPool::random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  return random_;
}

UpstreamServer& UpstreamPool::weighted_random() {
  std::uint32_t ticket = random() % total_weight_;
  for (auto& server : servers_) {
    if (ticket < server->options.weight) return *server;
    ticket -= server->options.weight;
  }
  return *servers_.back();
}

UpstreamServer& UpstreamPool::by_balance(std::uint64_t key) {
  switch (options_.balance) {
    case Balance::random:
      return weighted_random();
    case Balance::least_requests: {
      // The less busy of two: nearly as even as looking at all, and no herd (Mitzenmacher, 2001).
      UpstreamServer& a = weighted_random();
      UpstreamServer& b = weighted_random();
      const std::uint64_t busy_a = std::uint64_t{a.active} * b.options.weight;
      const std::uint64_t busy_b = std::uint64_t{b.active} * a.options.weight;
      return busy_b < busy_a ? b : a;
    }
    case Balance::round_robin: {
      // Smooth weighted round robin: every server gains its weight, the leader pays the sum.
      UpstreamServer* leader = nullptr;
      for (auto& server : servers_) {
        server->current_weight += server->options.weight;
        if (leader == nullptr || server->current_weight > leader->current_weight) leader = server.get();
      }
      leader->current_weight -= total_weight_;
      return *leader;
    }
    case Balance::hash: {
      // Weighted rendezvous hashing: a server that goes or comes moves only its own share (Thaler, Ravishankar, 1998).
      UpstreamServer* best = nullptr;
      double best_score = 0;
      for (auto& server : servers_) {
        const double unit = (static_cast<double>(mix(key ^ mix(server->id.value + 1)) >> 11) + 0.5) / 9007199254740992.0;
        const double score = -static_cast<double>(server->options.weight) / std::log(unit);
        if (best == nullptr || score > best_score) {
          best = server.get();
          best_score = score;
        }
      }
      return *best;
    }
  }
  return *servers_.front();
}

UpstreamServer& UpstreamPool::choose(std::uint64_t key, ServerId avoid, TimePoint now) {
  if (servers_.size() == 1) return *servers_.front();
  UpstreamServer& chosen = by_balance(key);
  const auto is_fit = [&](const UpstreamServer& server) { return server.id != avoid && server.passed_over_until <= now; };
  if (is_fit(chosen)) return chosen;
  // The next one in order that is fit; failing that, any other than the one that has just failed.
  const auto is_chosen = [&](const auto& server) { return server.get() == &chosen; };
  const auto start = static_cast<std::size_t>(std::find_if(servers_.begin(), servers_.end(), is_chosen) - servers_.begin());
  UpstreamServer* other = nullptr;
  for (std::size_t i = 1; i < servers_.size(); ++i) {
    UpstreamServer& candidate = *servers_[(start + i) % servers_.size()];
    if (is_fit(candidate)) return candidate;
    if (other == nullptr && candidate.id != avoid) other = &candidate;
  }
  return chosen.id == avoid && other != nullptr ? *other : chosen;
}

std::unique_ptr<UpstreamConnection> UpstreamPool::take_idle(UpstreamServer& server) {
  if (server.idle.empty()) return nullptr;
  std::unique_ptr<UpstreamConnection> connection = std::move(server.idle.back());
  server.idle.pop_back();
  deadlines_.disarm(*connection);
  ++server.active;
  return connection;
}

void UpstreamPool::ask(ConnectionWaiter& waiter, UpstreamServer& server, TimePoint now) {
  waiter.server_ = &server;
  if (connections_ >= max_connections_ && !free_a_place()) {
    waiting_for_place_.push_back(&waiter);
    return;
  }
  connect(waiter, server, 0, now);
}

/// An idle connection to one server must not keep an exchange from another.
bool UpstreamPool::free_a_place() {
  for (auto& server : servers_) {
    if (server->idle.empty()) continue;
    ++server->active;
    retire(take_out(server->idle, *server->idle.front()));
    return true;
  }
  return false;
}

void UpstreamPool::connect(ConnectionWaiter& waiter, UpstreamServer& server, std::size_t attempt, TimePoint now) {
  if (!server.is_resolving && !net::SocketAddress::is_literal(server.options.address) &&
      (server.addresses.empty() || now - server.resolved > kNameIsGoodFor)) {
    resolve(server);
  }
  if (server.addresses.empty()) {
    waiting_for_name_.push_back(&waiter);
    return;
  }
  auto connection = std::make_unique<UpstreamConnection>(*this, server);
  connection->begun_ = now;
  connection->waiter_ = &waiter;
  connection->attempt_ = attempt;
  ++connections_;
  ++server.active;
  const std::size_t address = (server.first_address + attempt) % server.addresses.size();
  UpstreamConnection& pending = *connection;
  connecting_.push_back(std::move(connection));
  if (server.options.is_tls) pending.stream_.start_tls_client(tls_, options_.tls_name(server.options));
  if (!pending.stream_.connect(server.addresses[address])) {
    // Out of file descriptors, say. The waiter is told later, as it may rely on.
    pending.is_stillborn_ = true;
    loop_.reaper().later([this] { bury_stillborn(); });
  }
}

void UpstreamPool::bury_stillborn() {
  while (true) {
    const auto found = std::find_if(connecting_.begin(), connecting_.end(), [](const auto& c) { return c->is_stillborn_; });
    if (found == connecting_.end()) return;
    on_connected(**found, (*found)->stream_.last_error());
  }
}

void UpstreamPool::on_connected(UpstreamConnection& connection, int error) {
  std::unique_ptr<UpstreamConnection> owned = take_out(connecting_, connection);
  UpstreamServer& server = connection.server_;
  ConnectionWaiter* waiter = std::exchange(connection.waiter_, nullptr);
  if (error == 0) {
    server.failures = 0;
    server.passed_over_until = {};
    connection.stream_.start_reading();
    waiter->server_ = nullptr;
    waiter->on_connection(std::move(owned));
    return;
  }
  const std::size_t attempt = connection.attempt_ + 1;
  const TimePoint begun = connection.begun_;
  const bool is_hopeless = connection.is_stillborn_;
  const std::string reason = connection.stream_.failure_text();
  retire(std::move(owned));
  if (attempt < server.addresses.size() && !is_hopeless) {
    connect(*waiter, server, attempt, begun);
    return;
  }
  note_failure(server, begun);
  waiter->server_ = nullptr;
  waiter->on_no_connection(Fault::connect_failed, server.id, reason);
  serve_queue();
}

void UpstreamPool::note_failure(UpstreamServer& server, TimePoint now) {
  const Nanos pause = kFirstPassOver * (1U << std::min(server.failures, kMaxPassOverDoublings));
  ++server.failures;
  server.passed_over_until = now + pause;
  ++server.first_address;
  // The name may have come to mean another address.
  server.resolved = TimePoint();
}

UpstreamPool::Wait UpstreamPool::withdraw(ConnectionWaiter& waiter, bool has_timed_out, TimePoint now) {
  UpstreamServer* server = std::exchange(waiter.server_, nullptr);
  if (server == nullptr) return Wait::nothing;
  if (std::erase(waiting_for_place_, &waiter) > 0) return Wait::place;
  if (std::erase(waiting_for_name_, &waiter) > 0) return Wait::name;
  const auto found = std::find_if(connecting_.begin(), connecting_.end(), [&](const auto& c) { return c->waiter_ == &waiter; });
  WEIR_CHECK(found != connecting_.end(), "a waiter waits for nothing");
  retire(take_out(connecting_, **found));
  if (has_timed_out) note_failure(*server, now);
  serve_queue();
  return Wait::connection;
}

void UpstreamPool::give_back(std::unique_ptr<UpstreamConnection> connection, TimePoint now) {
  UpstreamServer& server = connection->server_;
  ++connection->exchanges_;
  if (is_closing_) {
    drop(std::move(connection));
    return;
  }
  connection->stream_.set_owner(*connection);
  connection->stream_.start_reading();
  if (!waiting_for_place_.empty()) {
    const auto first = std::find_if(waiting_for_place_.begin(), waiting_for_place_.end(),
                                    [&](const ConnectionWaiter* waiter) { return waiter->server_ == &server; });
    if (first != waiting_for_place_.end()) {
      ConnectionWaiter* waiter = *first;
      waiting_for_place_.erase(first);
      waiter->server_ = nullptr;
      connection->begun_ = now;
      waiter->on_connection(std::move(connection));
      return;
    }
  }
  --server.active;
  deadlines_.arm(*connection, now, options_.timeouts.idle);
  server.idle.push_back(std::move(connection));
}

void UpstreamPool::drop(std::unique_ptr<UpstreamConnection> connection) {
  retire(std::move(connection));
  serve_queue();
}

void UpstreamPool::retire(std::unique_ptr<UpstreamConnection> connection) {
  --connections_;
  --connection->server_.active;
  connection->stream_.close();
  loop_.reaper().take(std::move(connection));
}

void UpstreamPool::on_idle_ended(UpstreamConnection& connection) {
  // While it connects nothing but the outcome of that counts.
  if (connection.waiter_ != nullptr) return;
  ++connection.server_.active;  // taken from the idle ones, which retire does not know of
  retire(take_out(connection.server_.idle, connection));
  serve_queue();
}

void UpstreamPool::serve_queue() {
  while (!waiting_for_place_.empty() && (connections_ < max_connections_ || free_a_place())) {
    ConnectionWaiter* waiter = waiting_for_place_.front();
    waiting_for_place_.pop_front();
    connect(*waiter, *waiter->server_, 0, Clock::now());
  }
}

void UpstreamPool::resolve(UpstreamServer& server) {
  server.is_resolving = true;
  resolver_.resolve(server.options.address, [this, &server](Result<std::vector<net::SocketAddress>> found) {
    on_resolved(server, found);
  });
}

void UpstreamPool::on_resolved(UpstreamServer& server, const Result<std::vector<net::SocketAddress>>& found) {
  server.is_resolving = false;
  server.resolved = Clock::now();
  if (found) {
    server.addresses = found.value();
  } else {
    // What was known before still stands: a name server that is away must not take the app away.
    log::warning("an upstream's name was not resolved", {{"upstream", options_.name}, {"error", found.error().message}});
  }
  std::vector<ConnectionWaiter*> waiting;
  std::erase_if(waiting_for_name_, [&](ConnectionWaiter* waiter) {
    if (waiter->server_ != &server) return false;
    waiting.push_back(waiter);
    return true;
  });
  for (ConnectionWaiter* waiter : waiting) {
    if (server.addresses.empty()) {
      waiter->server_ = nullptr;
      waiter->on_no_connection(Fault::connect_failed, server.id, "its name is not known");
    } else {
      ask(*waiter, server, Clock::now());
    }
  }
  if (server.addresses.empty()) note_failure(server, Clock::now());
}

bool UpstreamPool::is_unused() const {
  return connections_ == 0 && waiting_for_place_.empty() && waiting_for_name_.empty();
}

void UpstreamPool::close_idle() {
  is_closing_ = true;
  for (auto& server : servers_) {
    while (!server->idle.empty()) {
      ++server->active;
      retire(take_out(server->idle, *server->idle.back()));
    }
  }
}

}  // namespace weir::proxy
