#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <weir/base/result.h>
#include <weir/net/loop.h>
#include <weir/net/socket_address.h>

namespace weir::net {

struct ResolveRequest;

/// Looks up names without holding up the loop (getaddrinfo on libuv's pool).
class Resolver {
 public:
  using OnResolved = std::function<void(Result<std::vector<SocketAddress>>)>;

  explicit Resolver(Loop& loop) : loop_(loop) {}
  /// Forgets what is under way: its callbacks will not come.
  ~Resolver();

  /// Always calls back later, also for a literal. The addresses carry the endpoint's port, in the system's order.
  void resolve(const Endpoint& endpoint, OnResolved on_resolved);

 private:
  friend struct ResolveRequest;

  Loop& loop_;
  std::vector<ResolveRequest*> pending_;
};

}  // namespace weir::net
