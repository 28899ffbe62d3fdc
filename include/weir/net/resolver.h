#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <weir/base/result.h>
#include <weir/net/loop.h>
#include <weir/net/socket_address.h>

namespace weir::net {

class Inbox;
class LookupMailbox;
struct LookupAnswer;
struct LookupRequest;

/// A lookup under way: its callback comes only while this object lives. It may outlive its resolver.
class [[nodiscard]] Lookup {
 public:
  Lookup();
  Lookup(Lookup&& other) noexcept;
  Lookup& operator=(Lookup&& other) noexcept;
  ~Lookup();

  /// Until the callback begins.
  bool is_pending() const;

 private:
  friend class Resolver;

  explicit Lookup(std::unique_ptr<LookupRequest> request);

  std::unique_ptr<LookupRequest> request_;
};

/// Looks up names for one loop, with `getaddrinfo` on threads of weir's own: /etc/hosts, nsswitch.conf and search domains
/// count as everywhere, and names that nobody answers hold up no other. A name is looked up once at a time in the whole
/// process: whoever asks meanwhile gets the same outcome. Nothing waits for a lookup when it ends, not even the process.
/// Thread: the loop's.
class Resolver {
 public:
  using OnResolved = std::function<void(Result<std::vector<SocketAddress>>)>;

  explicit Resolver(Loop& loop);
  /// Forgets what is under way: its callbacks will not come.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Always calls back later, also for a literal and a Unix socket, which are answered here. The loop runs until then.
  /// The addresses carry the endpoint's port, in the system's order.
  Lookup resolve(const Endpoint& endpoint, OnResolved on_resolved);

 private:
  friend struct LookupRequest;
  friend class LookupMailbox;

  void on_answer(std::uint64_t number, const LookupAnswer& answer);
  void forget(const LookupRequest& request);
  void remove(std::uint64_t number);

  Loop& loop_;
  std::unique_ptr<Inbox> inbox_;  ///< from the first lookup on
  std::shared_ptr<LookupMailbox> mailbox_;
  std::unordered_map<std::uint64_t, LookupRequest*> pending_;
  std::uint64_t next_number_ = 0;
};

}  // namespace weir::net
