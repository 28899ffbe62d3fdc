#include "attempt.h"

#include <weir/proxy/upstream_connection.h>
#include <weir/proxy/upstream_pool.h>

namespace weir::proxy {

UpstreamConnection::UpstreamConnection(UpstreamPool& pool, UpstreamServer& server)
    : pool_(pool), server_(server), stream_(pool.loop_, *this) {}

UpstreamConnection::~UpstreamConnection() = default;

ServerId UpstreamConnection::server() const { return server_.id; }

// As the owner of its own stream a connection is either being made, or idle: then whatever comes ends it.
void UpstreamConnection::on_data(net::Stream&, std::span<char>) { on_ended(); }
void UpstreamConnection::on_end(net::Stream&) { on_ended(); }
void UpstreamConnection::on_failed(net::Stream&, int) { on_ended(); }
void UpstreamConnection::on_drained(net::Stream&) {}
void UpstreamConnection::on_connected(net::Stream&, int error) { attempt_->on_connected(*this, error); }
void UpstreamConnection::on_deadline() { pool_.on_idle_ended(*this, UpstreamPool::IdleEnd::too_long); }

void UpstreamConnection::on_ended() {
  // While it connects nothing but the outcome of that counts.
  if (attempt_ == nullptr) pool_.on_idle_ended(*this, UpstreamPool::IdleEnd::by_server);
}

ConnectionWaiter::~ConnectionWaiter() {
  if (attempt_ != nullptr) attempt_->pool().withdraw(*this, Clock::now());
}

}  // namespace weir::proxy
