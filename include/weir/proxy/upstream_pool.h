#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/ids.h>
#include <weir/net/deadlines.h>
#include <weir/net/loop.h>
#include <weir/net/reaper.h>
#include <weir/net/resolver.h>
#include <weir/proxy/plan.h>
#include <weir/proxy/server_addresses.h>
#include <weir/proxy/upstream_connection.h>

namespace weir::proxy {

/// One server of an upstream as one worker sees it.
struct UpstreamServer {
  ServerId id;
  ServerOptions options;
  std::optional<ServerAddresses> addresses;  ///< always there once the pool is made
  std::vector<std::unique_ptr<UpstreamConnection>> idle;
  std::uint32_t active = 0;  ///< connections lent, and attempts with a place
  ServerHealthPtr health;
  TimePoint lookup_failure_said;
  std::uint32_t share = 0;          ///< weight times health, as of the pool's last look; 0: it gets nothing
  std::int64_t current_share = 0;   ///< of the smooth weighted round robin
};

/// One worker's connections to one upstream: chooses the server, keeps idle connections for reuse (the newest first, so
/// that those too many fall idle), connects, queues what goes beyond the ceiling in order of arrival.
/// A server that could not be reached is passed over for a while, unless there is no other. One that active checks have
/// found unhealthy gets nothing.
/// Each question is an Attempt of its own, which bounds its time: `timeouts.connect` for a place, and as much again for the
/// connection. A pool that is no longer wanted goes through the reaper, once `is_unused`.
class UpstreamPool final : public net::Reapable {
 public:
  /// `on_shortage` is told when the system had nothing left to make a connection with.
  UpstreamPool(net::Loop& loop, net::Deadlines& deadlines, net::Resolver& resolver, const Plan::Upstream& upstream,
               std::uint32_t max_connections, std::function<void()> on_shortage = {});
  ~UpstreamPool() override;
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
  /// The waiter waits no longer. Nothing happens where it does not wait.
  void withdraw(ConnectionWaiter& waiter, TimePoint now);

  /// The exchange is over and the connection is good for another one.
  void give_back(std::unique_ptr<UpstreamConnection> connection, TimePoint now);
  /// The connection is of no more use.
  void drop(std::unique_ptr<UpstreamConnection> connection);

  /// Called several times a second: looks names up again that have become old.
  void tick(TimePoint now);

  const UpstreamOptions& options() const { return options_; }
  /// Being made, lent or idle. All that one attempt makes beside each other count as one.
  std::uint32_t connections() const { return connections_; }
  /// A reload or the end has put it out of use.
  bool is_closing() const { return is_closing_; }
  /// Closes what is idle; what is lent is closed when it comes back.
  void close_idle();
  /// Nobody holds or awaits a connection of it: it may be destroyed.
  bool is_unused() const;

 private:
  friend class Attempt;
  friend class UpstreamConnection;

  void look_at_health(TimePoint now);
  UpstreamServer& weighted_random();
  UpstreamServer& by_balance(std::uint64_t key);
  std::uint32_t random();

  // For attempts.
  void give_place(Attempt& attempt, TimePoint now);
  void free_place(UpstreamServer& server);
  /// Takes it out of all lists; it lives until the turn is done. Returns who waited for it, who now no longer does.
  ConnectionWaiter* end(Attempt& attempt);
  void note_success(UpstreamServer& server, TimePoint now);
  void note_failure(UpstreamServer& server, TimePoint begun, TimePoint now);
  void serve_queue();

  void on_looked_up(UpstreamServer& server, const std::string& error);
  enum class IdleEnd : std::uint8_t { too_long, by_server };
  void on_idle_ended(UpstreamConnection& connection, IdleEnd end);
  /// Gives up the connection and its place.
  void retire(std::unique_ptr<UpstreamConnection> connection);
  void retire_idle(UpstreamServer& server, std::size_t index);
  /// Closes a connection that holds no place of its own.
  void close(std::unique_ptr<UpstreamConnection> connection);
  bool free_a_place();

  net::Loop& loop_;
  net::Deadlines& deadlines_;
  net::Resolver& resolver_;
  const UpstreamOptions options_;
  const net::TlsClientContextPtr tls_;
  const std::uint32_t max_connections_;
  const std::size_t max_waiting_;
  const std::function<void()> on_shortage_;
  const bool always_takes_first_;  ///< one server without active checks: there is nothing to choose
  std::vector<std::unique_ptr<UpstreamServer>> servers_;
  std::vector<std::unique_ptr<Attempt>> attempts_;
  std::deque<Attempt*> waiting_for_place_;
  std::uint32_t connections_ = 0;  ///< places taken: being made, lent or idle
  const ServerHealth::Changes* health_changes_ = nullptr;
  std::uint32_t seen_changes_ = 0;
  TimePoint next_look_;             ///< when shares change by the clock alone
  std::uint32_t total_share_ = 0;   ///< 0: every server is down
  std::uint32_t random_;
  bool is_closing_ = false;
};

}  // namespace weir::proxy
