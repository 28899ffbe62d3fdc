#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/fault.h>
#include <weir/base/ids.h>
#include <weir/net/deadlines.h>
#include <weir/net/loop.h>
#include <weir/net/resolver.h>
#include <weir/net/socket_address.h>
#include <weir/net/stream.h>
#include <weir/proxy/plan.h>

namespace weir::proxy {

class UpstreamPool;
class ConnectionWaiter;
struct UpstreamServer;

/// One connection to one server of an upstream. Owned by the pool while it connects or idles, and by an exchange while
/// that uses it, which then is the owner of its stream's events too.
class UpstreamConnection final : public net::Reapable, private net::StreamOwner, private net::Deadline {
 public:
  UpstreamConnection(UpstreamPool& pool, UpstreamServer& server);
  ~UpstreamConnection() override;

  net::Stream& stream() { return stream_; }
  ServerId server() const;
  /// It has carried an exchange before, so the server may be about to close it.
  bool is_reused() const { return exchanges_ > 0; }
  /// It has carried one more exchange without going back to its pool.
  void note_exchange() { ++exchanges_; }
  TimePoint connect_begun() const { return begun_; }

 private:
  friend class UpstreamPool;

  void on_data(net::Stream& stream, std::span<char> data) override;
  void on_end(net::Stream& stream) override;
  void on_failed(net::Stream& stream, int error) override;
  void on_drained(net::Stream& stream) override;
  void on_connected(net::Stream& stream, int error) override;
  void on_deadline() override;

  UpstreamPool& pool_;
  UpstreamServer& server_;
  net::Stream stream_;
  TimePoint begun_;
  ConnectionWaiter* waiter_ = nullptr;  ///< while it connects
  std::size_t attempt_ = 0;             ///< how many of the server's addresses were tried before
  std::uint32_t exchanges_ = 0;
  bool is_stillborn_ = false;  ///< the system refused even to begin connecting
};

/// Who asks a pool for a connection. Gets exactly one of the two calls, later, unless it withdraws before.
class ConnectionWaiter {
 public:
  virtual void on_connection(std::unique_ptr<UpstreamConnection> connection) = 0;
  /// `overloaded`: the ceiling of waiters, or, where there is a `reason`, weir's own want of descriptors and the like.
  /// `reason` says what went wrong, in a few words, and is gone after the call.
  virtual void on_no_connection(Fault fault, ServerId server, std::string_view reason) = 0;

 protected:
  ConnectionWaiter() = default;
  virtual ~ConnectionWaiter() = default;

 private:
  friend class UpstreamPool;
  UpstreamServer* server_ = nullptr;  ///< chosen for it; null while it does not wait
};

/// One server of an upstream as one worker sees it.
struct UpstreamServer {
  ServerId id;
  ServerOptions options;
  std::vector<net::SocketAddress> addresses;  ///< none until the name is resolved
  TimePoint resolved;
  bool is_resolving = false;
  std::size_t first_address = 0;  ///< where the next connection begins
  std::vector<std::unique_ptr<UpstreamConnection>> idle;
  std::uint32_t active = 0;       ///< connections lent or being made
  ServerHealthPtr health;
  std::uint32_t share = 0;          ///< weight times health, as of the pool's last look; 0: it gets nothing
  std::int64_t current_share = 0;   ///< of the smooth weighted round robin
};

/// One worker's connections to one upstream: chooses the server, keeps idle connections for reuse (the newest first, so
/// that those too many fall idle), connects, queues what goes beyond the ceiling in order of arrival.
/// A server that could not be reached is passed over for a while, unless there is no other. One that active checks have
/// found unhealthy gets nothing.
class UpstreamPool {
 public:
  /// What a waiter was waiting for when it gave up.
  enum class Wait : std::uint8_t { nothing, place, name, connection };

  UpstreamPool(net::Loop& loop, net::Deadlines& deadlines, net::Resolver& resolver, const Plan::Upstream& upstream,
               std::uint32_t max_connections);
  ~UpstreamPool();
  UpstreamPool(const UpstreamPool&) = delete;
  UpstreamPool& operator=(const UpstreamPool&) = delete;

  /// The server for the next exchange. `key` is what `hash` balances by; `avoid` has just failed this exchange.
  /// Null where active checks have found every server unhealthy.
  UpstreamServer* choose(std::uint64_t key, ServerId avoid, TimePoint now);
  /// A connection to it that is ready now, or null. Hot path.
  std::unique_ptr<UpstreamConnection> take_idle(UpstreamServer& server);
  /// Begins a new connection for `waiter`, or queues it where the ceiling is reached. False: the queue is full, and the
  /// waiter hears nothing more.
  [[nodiscard]] bool ask(ConnectionWaiter& waiter, UpstreamServer& server, TimePoint now);
  /// The server that it waits for a connection to; kNoServer where it does not wait.
  ServerId awaited_by(const ConnectionWaiter& waiter) const;
  /// The waiter waits no longer. A server that did not answer its connection in time counts as failed.
  Wait withdraw(ConnectionWaiter& waiter, bool has_timed_out, TimePoint now);

  /// The exchange is over and the connection is good for another one.
  void give_back(std::unique_ptr<UpstreamConnection> connection, TimePoint now);
  /// The connection is of no more use.
  void drop(std::unique_ptr<UpstreamConnection> connection);

  const UpstreamOptions& options() const { return options_; }
  /// Being made, lent or idle.
  std::uint32_t connections() const { return connections_; }
  /// Closes what is idle; what is lent is closed when it comes back.
  void close_idle();
  /// Nobody holds or awaits a connection of it: it may be destroyed.
  bool is_unused() const;

 private:
  friend class UpstreamConnection;

  void look_at_health(TimePoint now);
  UpstreamServer& weighted_random();
  UpstreamServer& by_balance(std::uint64_t key);
  void connect(ConnectionWaiter& waiter, UpstreamServer& server, std::size_t attempt, TimePoint now);
  void resolve(UpstreamServer& server);
  void on_resolved(UpstreamServer& server, const Result<std::vector<net::SocketAddress>>& found);
  void on_connected(UpstreamConnection& connection, int error);
  void on_idle_ended(UpstreamConnection& connection);
  void note_failure(UpstreamServer& server, TimePoint begun, TimePoint now);
  void retire(std::unique_ptr<UpstreamConnection> connection);
  void serve_queue();
  bool free_a_place();
  void bury_stillborn();
  std::uint32_t random();

  net::Loop& loop_;
  net::Deadlines& deadlines_;
  net::Resolver& resolver_;
  const UpstreamOptions options_;
  const net::TlsClientContextPtr tls_;
  const std::uint32_t max_connections_;
  const std::size_t max_waiting_;
  const bool always_takes_first_;  ///< one server without active checks: there is nothing to choose
  std::vector<std::unique_ptr<UpstreamServer>> servers_;
  std::vector<std::unique_ptr<UpstreamConnection>> connecting_;
  std::deque<ConnectionWaiter*> waiting_for_place_;
  std::vector<ConnectionWaiter*> waiting_for_name_;
  std::uint32_t connections_ = 0;  ///< being made, lent or idle
  const ServerHealth::Changes* health_changes_ = nullptr;
  std::uint32_t seen_changes_ = 0;
  TimePoint next_look_;             ///< when shares change by the clock alone
  std::uint32_t total_share_ = 0;   ///< 0: every server is down
  std::uint32_t random_;
  bool is_closing_ = false;
};

}  // namespace weir::proxy
