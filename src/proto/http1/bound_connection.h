#pragma once

#include <memory>

#include <weir/net/stream.h>
#include <weir/proxy/upstream_pool.h>

namespace weir::proto::http1 {

/// A connection to the app that one client alone may use, because the app has authenticated the connection itself. Kept
/// by the client's session between its exchanges and ended with it. It goes on counting as one of its pool's, which is
/// therefore there as long as this holds it.
/// Thread: the worker's. Whatever the app sends or does in between ends it.
class BoundConnection final : private net::StreamOwner {
 public:
  BoundConnection(proxy::UpstreamPool& pool, std::unique_ptr<proxy::UpstreamConnection> connection);

  /// Whether it is still there.
  bool is_open() const { return connection_ != nullptr; }
  bool belongs_to(const proxy::UpstreamPool& pool) const { return is_open() && &pool_ == &pool; }
  bool is_of_former_pool() const { return is_open() && pool_.is_closing(); }
  bool has_unread() { return connection_->stream().has_unread(); }
  /// For the next exchange, which becomes the owner of its stream's events.
  std::unique_ptr<proxy::UpstreamConnection> take();
  /// Back to the pool, which closes it.
  void drop();

 private:
  void on_data(net::Stream&, std::span<char>) override { drop(); }
  void on_end(net::Stream&) override { drop(); }
  void on_failed(net::Stream&, int) override { drop(); }
  void on_drained(net::Stream&) override {}

  proxy::UpstreamPool& pool_;
  std::unique_ptr<proxy::UpstreamConnection> connection_;
};

}  // namespace weir::proto::http1
