#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <weir/base/clock.h>
#include <weir/net/deadlines.h>
#include <weir/net/endpoint.h>
#include <weir/net/resolver.h>
#include <weir/net/socket_address.h>

namespace weir::proxy {

/// The addresses of one server as one pool knows them. A literal has one for good. A name is looked up at the beginning,
/// every 30 s, and when something has failed; a lookup that fails leaves what was known before.
class ServerAddresses final : private net::Deadline {
 public:
  struct Entry {
    net::SocketAddress address;
    std::uint32_t id;  ///< of this address for as long as every lookup finds it
  };
  /// After each lookup. `error` is empty where it found something.
  using OnLookedUp = std::function<void(const std::string& error)>;

  /// A name is looked up again after so long, whether or not anybody connects.
  static constexpr Nanos kGoodFor = 30s;
  /// From the end of one lookup to the next one that a failure asks for.
  static constexpr Nanos kLeastBetween = 100ms;

  ServerAddresses(net::Deadlines& deadlines, net::Resolver& resolver, const net::Endpoint& server,
                  OnLookedUp on_looked_up);
  ~ServerAddresses() override;

  bool is_name() const { return is_name_; }
  bool is_empty() const { return entries_.empty(); }
  std::size_t count() const { return entries_.size(); }
  /// Whether the server still has the address with this id. Hot path.
  bool has(std::uint32_t id) const {
    for (const Entry& entry : entries_) {
      if (entry.id == id) return true;
    }
    return false;
  }
  /// In the order in which they are tried: the system's, beginning with the one that worked where the first had not.
  std::vector<Entry> in_order() const;
  /// `worked` was reached while `first`, tried before it, was not. Nothing changes where another one is first by now.
  void prefer(std::uint32_t worked, std::uint32_t first);

  /// Something failed, and the name may have come to mean another address. Until the lookup is back they are in doubt.
  void look_again(TimePoint now);
  /// A new connection had better wait for a lookup that a failure has asked for.
  bool is_in_doubt() const { return is_in_doubt_; }
  /// It took too long: what is known has to do until it is back.
  void stop_doubting() {
    is_in_doubt_ = false;
    has_given_up_ = lookup_.is_pending();
  }
  /// Called every now and then: looks up what has become too old.
  void refresh(TimePoint now);

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  void on_deadline() override;
  void look_up();
  void on_found(const Result<std::vector<net::SocketAddress>>& found);
  std::uint32_t id_of(const net::SocketAddress& address);

  net::Deadlines& deadlines_;
  net::Resolver& resolver_;
  const net::Endpoint server_;
  const OnLookedUp on_looked_up_;
  std::vector<Entry> entries_;
  net::Lookup lookup_;
  TimePoint looked_up_;  ///< when the last lookup came back; the epoch: never
  std::uint32_t next_id_ = 0;
  std::uint32_t preferred_ = kNone;
  bool is_name_;
  bool is_in_doubt_ = false;
  bool has_given_up_ = false;  ///< somebody has waited in vain for the lookup that is under way
};

}  // namespace weir::proxy
