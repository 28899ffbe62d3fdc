#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <weir/base/clock.h>
#include <weir/net/deadlines.h>
#include <weir/net/inbox.h>
#include <weir/net/listener.h>
#include <weir/net/loop.h>
#include <weir/net/resolver.h>
#include <weir/net/timer.h>
#include <weir/proxy/burst.h>
#include <weir/proxy/events.h>
#include <weir/proxy/in_flight_board.h>
#include <weir/proxy/plan.h>
#include <weir/proxy/recorder.h>
#include <weir/proxy/retry_budget.h>
#include <weir/proxy/session.h>
#include <weir/proxy/upstream_pool.h>
#include <weir/route/table.h>

namespace weir::proxy {

/// What all workers share: counts, relaxed throughout, each on its own, and the mark of the process.
struct Shared {
  Shared();

  std::atomic<std::uint32_t> connections{0};           ///< client connections at once, for `limits.connections`
  std::atomic<std::uint32_t> upstream_connections{0};  ///< being made, lent or idle; as of the workers' last ticks
  InFlightBoard in_flight;
  EventCounts events;
  /// Random, of this process alone: requests that weir forwards carry it, so that one that comes back is known.
  std::array<char, 16> mark;
};

/// One thread that serves: its loop, its listeners, its sessions, its pools, its recorder. Workers know nothing of one
/// another. Other threads reach it through the functions marked so, which go through its Inbox.
class Worker {
 public:
  using ProtocolFactory = std::function<std::unique_ptr<Protocol>(Worker&)>;
  using TablePtr = std::shared_ptr<const route::Table>;

  struct NewSocket {
    std::size_t listener;  ///< index in the plan
    net::ListeningSocket socket;
  };

  struct Parts {
    PlanPtr plan;
    TablePtr table;
    std::vector<NewSocket> sockets;             ///< one for each listener of the plan
    ProtocolFactory protocol;
    std::function<void()> on_batch;             ///< called on the worker's thread when there is one to take
    Shared* shared = nullptr;
  };

  explicit Worker(Parts parts);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Serves until drained or stopped. On the worker's own thread.
  void run();

  // From any thread.
  void publish(TablePtr table);
  /// Goes by `plan` from now on. `sockets` are for listeners that the former plan did not have. Those that the new one
  /// calls gone end as in a drain, with their connections; what is under way has no limit. `until_closed` is let go of
  /// once their ports are closed, on the worker's thread.
  void reload(PlanPtr plan, std::vector<NewSocket> sockets, std::shared_ptr<void> until_closed = nullptr);
  /// Fills the hand-over for an admin question; `reply(gave)` is called on the worker's thread.
  void ask(std::function<void(bool gave)> reply);
  /// Whether somebody watches requests as they end; see Recorder::set_watched. In the order of the calls of `ask`.
  void set_watched(bool is_watched);
  /// Stops accepting, lets exchanges end, closes; after `limit` whatever is left is cut.
  void drain(Nanos limit);
  void stop();
  net::Handoff<stats::Batch>& handoff() { return recorder_.handoff(); }

  // For the protocol, on the worker's thread.
  net::Loop& loop() { return loop_; }
  net::Deadlines& deadlines() { return deadlines_; }
  Recorder& recorder() { return recorder_; }
  RetryBudget& retry_budget() { return retry_budget_; }
  void count(Event event) { shared_->events.count(event); }
  const Plan& plan() const { return *plan_; }
  const PlanPtr& plan_ptr() const { return plan_; }
  const TablePtr& table() const { return table_; }
  /// Null where the plan knows no such upstream any more.
  UpstreamPool* pool(UpstreamId upstream) {
    return upstream.index() < pools_.size() ? pools_[upstream.index()].get() : nullptr;
  }
  /// Whether connections of this listener are to end: each response says `Connection: close`.
  bool is_ending(std::size_t listener) const { return is_draining_ || plan_->listeners[listener].is_gone; }
  std::string_view mark() const { return {shared_->mark.data(), shared_->mark.size()}; }
  /// The session is over; it is destroyed after this turn.
  void remove(Session& session);

 private:
  void listen(NewSocket socket);
  void accept(std::size_t listener, net::Accepted accepted);
  void make_pools(const Plan* former);
  void retire(std::unique_ptr<UpstreamPool> pool);
  /// What has been done of a drain, or of the end of listeners that a reload removed.
  enum class DrainStep : std::uint8_t {
    serving,    ///< nothing yet: as always, but each response says `Connection: close`
    accepting,  ///< nobody new may connect; idle connections that had served are ended
    closed,     ///< the ports are closed
    ending,     ///< connections that never asked are ended too; the rest of a drain has until its limit
  };
  struct Drain {
    Drain(Worker& worker, std::vector<std::size_t> gone, std::shared_ptr<void> closed);

    std::vector<std::size_t> listeners;  ///< those removed; all where there are none
    std::shared_ptr<void> until_closed;
    DrainStep step = DrainStep::serving;
    net::Timer timer;
  };
  bool concerns(const Drain& drain, std::size_t listener) const;
  void begin_drain(Nanos limit);
  void begin_removal(std::shared_ptr<void> until_closed);
  /// One step further.
  void go_on(Drain& drain);
  void end_idle_sessions(const Drain& drain, bool all);
  void close_listeners(Drain& drain);
  void abort_all();
  void end_if_empty();
  void tick();
  void show_upstream_connections();
  void choose_log();
  void end_bursts();

  net::Loop loop_;
  net::Deadlines deadlines_;
  net::Resolver resolver_;
  std::optional<AccessLogWriter> log_;
  Recorder recorder_;
  PlanPtr plan_;
  TablePtr table_;
  Shared* shared_;
  RetryBudget retry_budget_;
  std::uint32_t shown_upstream_connections_ = 0;
  std::array<Burst, 3> bursts_;  ///< of exchanges, sessions and connections to upstreams
  std::vector<std::unique_ptr<UpstreamPool>> pools_;    ///< by UpstreamId; null where it is gone
  std::vector<std::unique_ptr<UpstreamPool>> retired_;  ///< of former plans, while exchanges still use them
  std::unique_ptr<Protocol> protocol_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;  ///< by index in the plan; null where it is closed
  std::optional<net::Timer> tick_;
  std::unique_ptr<Drain> drain_;
  std::vector<std::unique_ptr<Drain>> removals_;  ///< of listeners; kept for a moment after their last step
  std::optional<net::Inbox> inbox_;
  Nanos drain_limit_{};
  bool is_draining_ = false;
  bool has_ended_ = false;
  net::OwnerToken token_;
};

}  // namespace weir::proxy
