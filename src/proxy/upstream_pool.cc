// HOT PATH: choose, take_idle and give_back; no allocation once warm, no lock, no system call, no log above debug.
#include <weir/proxy/upstream_pool.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <utility>

#include <weir/base/bytes.h>
#include <weir/base/check.h>
#include <weir/base/log.h>

namespace weir::proxy {
namespace {

/// How many may wait for a connection, for each that there may be.
constexpr std::size_t kWaitingPerConnection = 4;
constexpr std::size_t kLeastMaxWaiting = 1024;
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
  const auto found =
      std::find_if(from.begin(), from.end(), [&](const auto& entry) { return entry.get() == &connection; });
  WEIR_CHECK(found != from.end(), "a connection is not where its pool believes it to be");
  std::unique_ptr<UpstreamConnection> taken = std::move(*found);
  from.erase(found);
  return taken;
}

/// Whether a connection failed for want of what weir needs for it: descriptors, memory, a local port.
bool is_own_shortage(int error) {
  return error == -EMFILE || error == -ENFILE || error == -ENOMEM || error == -ENOBUFS || error == -EADDRNOTAVAIL;
}

void log_failure(const UpstreamOptions& upstream, const UpstreamServer& server) {
  log::warning("a server cannot be reached and is passed over for a while",
               {{"upstream", upstream.name}, {"server", server.options.url()}});
}

void log_return(const UpstreamOptions& upstream, const UpstreamServer& server) {
  log::info("a server can be reached again", {{"upstream", upstream.name}, {"server", server.options.url()}});
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
      max_connections_(max_connections),
      max_waiting_(std::max(kLeastMaxWaiting, kWaitingPerConnection * max_connections)),
      always_takes_first_(options_.servers.size() == 1 && !options_.health_check.is_on) {
  random_bytes(reinterpret_cast<char*>(&random_), sizeof random_);
  random_ |= 1;
  const auto own_changes = std::make_shared<ServerHealth::Changes>();
  for (std::size_t i = 0; i < options_.servers.size(); ++i) {
    const ServerOptions& server = options_.servers[i];
    auto made = std::make_unique<UpstreamServer>();
    made->id = upstream.servers[i];
    made->options = server;
    made->health = i < upstream.health.size() ? upstream.health[i] : std::make_shared<ServerHealth>(own_changes);
    if (net::SocketAddress::is_literal(server.address)) {
      if (auto address = net::SocketAddress::of_literal(server.address)) made->addresses = {address.value()};
    }
    servers_.push_back(std::move(made));
  }
  for (auto& server : servers_) {
    if (server->addresses.empty()) resolve(*server);
  }
  health_changes_ = &servers_.front()->health->changes();
  look_at_health(Clock::now());
}

UpstreamPool::~UpstreamPool() = default;

std::uint32_t UpstreamPool::random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  return random_;
}

/// Shares only change when somebody has found something out or `next_look_` has come, so that choosing costs one load.
void UpstreamPool::look_at_health(TimePoint now) {
  // Acquire: pairs with the release of ServerHealth::changed.
  seen_changes_ = health_changes_->load(std::memory_order_acquire);
  next_look_ = TimePoint::max();
  total_share_ = 0;
  for (auto& server : servers_) {
    std::uint32_t of_full = server->health->share(now, next_look_);
    // A hash says where a client belongs; a server that comes back slowly would only send clients to and fro.
    if (of_full != 0 && options_.balance == Balance::hash) of_full = ServerHealth::kFullShare;
    server->share = server->options.weight * of_full;
    total_share_ += server->share;
  }
  if (total_share_ != 0) return;
  // All of them rest: those that are not down are tried all the same.
  for (auto& server : servers_) {
    if (!server->health->is_down()) server->share = server->options.weight * ServerHealth::kFullShare;
    total_share_ += server->share;
  }
}

UpstreamServer& UpstreamPool::weighted_random() {
  std::uint32_t ticket = random() % total_share_;
  for (auto& server : servers_) {
    if (ticket < server->share) return *server;
    ticket -= server->share;
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
      const std::uint64_t busy_a = std::uint64_t{a.active} * b.share;
      const std::uint64_t busy_b = std::uint64_t{b.active} * a.share;
      return busy_b < busy_a ? b : a;
    }
    case Balance::round_robin: {
      // Smooth weighted round robin: every server gains its share, the leader pays the sum.
      UpstreamServer* leader = nullptr;
      for (auto& server : servers_) {
        if (server->share == 0) continue;
        server->current_share += server->share;
        if (leader == nullptr || server->current_share > leader->current_share) leader = server.get();
      }
      leader->current_share -= total_share_;
      return *leader;
    }
    case Balance::hash: {
      // Weighted rendezvous hashing: a server that goes or comes moves only its own share (Thaler, Ravishankar, 1998).
      UpstreamServer* best = nullptr;
      double best_score = 0;
      for (auto& server : servers_) {
        const double unit =
            (static_cast<double>(mix(key ^ mix(server->id.value + 1)) >> 11) + 0.5) / 9007199254740992.0;
        const double score = -static_cast<double>(server->share) / std::log(unit);
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

UpstreamServer* UpstreamPool::choose(std::uint64_t key, ServerId avoid, TimePoint now) {
  if (always_takes_first_) return servers_.front().get();
  // Acquire: as in look_at_health.
  if (health_changes_->load(std::memory_order_acquire) != seen_changes_ || now >= next_look_) look_at_health(now);
  if (total_share_ == 0) return nullptr;
  UpstreamServer& chosen = by_balance(key);
  if (chosen.id != avoid) return &chosen;
  // The next one in order that has a share; failing that, one that only rests.
  const auto is_chosen = [&](const auto& server) { return server.get() == &chosen; };
  const auto start =
      static_cast<std::size_t>(std::find_if(servers_.begin(), servers_.end(), is_chosen) - servers_.begin());
  UpstreamServer* resting = nullptr;
  for (std::size_t i = 1; i < servers_.size(); ++i) {
    UpstreamServer& candidate = *servers_[(start + i) % servers_.size()];
    if (candidate.share != 0) return &candidate;
    if (resting == nullptr && !candidate.health->is_down()) resting = &candidate;
  }
  return resting != nullptr ? resting : &chosen;
}

std::unique_ptr<UpstreamConnection> UpstreamPool::take_idle(UpstreamServer& server) {
  if (server.idle.empty()) return nullptr;
  std::unique_ptr<UpstreamConnection> connection = std::move(server.idle.back());
  server.idle.pop_back();
  deadlines_.disarm(*connection);
  ++server.active;
  return connection;
}

bool UpstreamPool::ask(ConnectionWaiter& waiter, UpstreamServer& server, TimePoint now) {
  if (connections_ >= max_connections_ && !free_a_place()) {
    if (waiting_for_place_.size() >= max_waiting_) return false;
    waiter.server_ = &server;
    waiting_for_place_.push_back(&waiter);
    return true;
  }
  waiter.server_ = &server;
  connect(waiter, server, 0, now);
  return true;
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
    const auto found =
        std::find_if(connecting_.begin(), connecting_.end(), [](const auto& c) { return c->is_stillborn_; });
    if (found == connecting_.end()) return;
    on_connected(**found, (*found)->stream_.last_error());
  }
}

void UpstreamPool::on_connected(UpstreamConnection& connection, int error) {
  std::unique_ptr<UpstreamConnection> owned = take_out(connecting_, connection);
  UpstreamServer& server = connection.server_;
  ConnectionWaiter* waiter = std::exchange(connection.waiter_, nullptr);
  if (error == 0) {
    if (server.health->note_success(Clock::now())) log_return(options_, server);
    connection.stream_.start_reading();
    waiter->server_ = nullptr;
    waiter->on_connection(std::move(owned));
    return;
  }
  const std::size_t attempt = connection.attempt_ + 1;
  const TimePoint begun = connection.begun_;
  const std::string reason = connection.stream_.failure_text();
  retire(std::move(owned));
  if (attempt < server.addresses.size()) {
    connect(*waiter, server, attempt, begun);
    return;
  }
  waiter->server_ = nullptr;
  if (is_own_shortage(error)) {
    // It says nothing of the server.
    waiter->on_no_connection(Fault::overloaded, server.id, reason);
  } else {
    note_failure(server, begun, Clock::now());
    waiter->on_no_connection(Fault::connect_failed, server.id, reason);
  }
  serve_queue();
}

void UpstreamPool::note_failure(UpstreamServer& server, TimePoint begun, TimePoint now) {
  if (server.health->note_failure(begun, now)) log_failure(options_, server);
  ++server.first_address;
  // The name may have come to mean another address.
  server.resolved = TimePoint();
}

ServerId UpstreamPool::awaited_by(const ConnectionWaiter& waiter) const {
  return waiter.server_ == nullptr ? kNoServer : waiter.server_->id;
}

UpstreamPool::Wait UpstreamPool::withdraw(ConnectionWaiter& waiter, bool has_timed_out, TimePoint now) {
  UpstreamServer* server = std::exchange(waiter.server_, nullptr);
  if (server == nullptr) return Wait::nothing;
  if (std::erase(waiting_for_place_, &waiter) > 0) return Wait::place;
  if (std::erase(waiting_for_name_, &waiter) > 0) return Wait::name;
  const auto found =
      std::find_if(connecting_.begin(), connecting_.end(), [&](const auto& c) { return c->waiter_ == &waiter; });
  WEIR_CHECK(found != connecting_.end(), "a waiter waits for nothing");
  const TimePoint begun = (*found)->begun_;
  retire(take_out(connecting_, **found));
  if (has_timed_out) note_failure(*server, begun, now);
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
    // Who has waited longest goes first. Any server will do, but where a hash says otherwise.
    ConnectionWaiter* waiter = waiting_for_place_.front();
    if (waiter->server_ != &server && options_.balance == Balance::hash) {
      drop(std::move(connection));
      return;
    }
    waiting_for_place_.pop_front();
    waiter->server_ = nullptr;
    connection->begun_ = now;
    waiter->on_connection(std::move(connection));
    return;
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
    log::warning("an upstream's name was not resolved",
                 {{"upstream", options_.name}, {"error", found.error().message}});
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
    } else if (!ask(*waiter, server, Clock::now())) {
      waiter->server_ = nullptr;
      waiter->on_no_connection(Fault::overloaded, server.id, {});
    }
  }
  if (server.addresses.empty()) note_failure(server, Clock::now(), Clock::now());
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
