#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <weir/net/deadlines.h>
#include <weir/net/reaper.h>
#include <weir/proxy/upstream_pool.h>

namespace weir::proxy {

/// One waiter's way to a connection of one server. It waits for a place, `timeouts.connect` at most. With the place it has
/// `timeouts.connect` of its own: for the server's name where that has to be looked up, then for a connection. Where the
/// server has several addresses the next one is tried beside those that are pending (RFC 8305 section 5): after
/// min(connect / addresses, 250 ms), or at once where one fails. The first that connects wins.
/// Owned by its pool; once it is over, by the reaper.
class Attempt final : public net::Reapable, private net::Deadline {
 public:
  enum class State : std::uint8_t {
    place,       ///< waits until a connection may be made
    name,        ///< has a place, waits for a lookup
    connecting,  ///< has a place and pending connections
    over,
  };

  Attempt(UpstreamPool& pool, ConnectionWaiter& waiter, UpstreamServer& server);
  ~Attempt() override;

  UpstreamPool& pool() const { return pool_; }
  State state() const { return state_; }
  UpstreamServer& server() const { return server_; }
  bool has_place() const { return state_ == State::name || state_ == State::connecting; }

  void wait_for_place(TimePoint now);
  /// It has a place.
  void begin(TimePoint now);
  /// A lookup of its server's name has come back, while it waits for one.
  /// `error`: why the lookup found nothing; empty where it found something.
  void on_looked_up(TimePoint now, const std::string& error);
  void on_connected(UpstreamConnection& connection, int error);

 private:
  friend class UpstreamPool;

  void on_deadline() override;
  void connect(TimePoint now);
  void try_next(TimePoint now);
  void bury_stillborn();
  void arm(TimePoint now);
  void on_refused(UpstreamConnection& connection, int error);
  void succeed(std::unique_ptr<UpstreamConnection> connection, TimePoint now);
  void fail(Fault fault, bool is_servers_fault, const std::string& reason, TimePoint now);
  void close_pending();
  std::unique_ptr<UpstreamConnection> take_out(UpstreamConnection& connection);

  UpstreamPool& pool_;
  UpstreamServer& server_;
  ConnectionWaiter* waiter_;  ///< null once it is over
  std::size_t index_ = 0;     ///< among the pool's
  State state_ = State::place;
  bool has_own_shortage_ = false;  ///< one of its connections failed because weir had nothing left
  TimePoint begun_;                ///< when it got its place
  TimePoint connecting_since_;
  TimePoint next_due_;  ///< when the next address is tried
  std::vector<ServerAddresses::Entry> addresses_;
  std::size_t tried_ = 0;        ///< how many of them
  std::size_t unavailable_ = 0;  ///< how many of them this machine has no address for
  std::vector<std::unique_ptr<UpstreamConnection>> pending_;
  std::string reason_;                      ///< of the last that failed
  std::unique_ptr<net::OwnerToken> token_;  ///< made where one could not even begin
};

}  // namespace weir::proxy
