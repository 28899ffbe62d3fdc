#include "bound_connection.h"

#include <utility>

namespace weir::proto::http1 {

BoundConnection::BoundConnection(proxy::UpstreamPool& pool, std::unique_ptr<proxy::UpstreamConnection> connection)
    : pool_(pool), connection_(std::move(connection)) {
  connection_->note_exchange();
  connection_->stream().set_owner(*this);
  connection_->stream().start_reading();
}

std::unique_ptr<proxy::UpstreamConnection> BoundConnection::take() { return std::move(connection_); }

void BoundConnection::drop() {
  if (connection_ != nullptr) pool_.drop(std::move(connection_));
}

}  // namespace weir::proto::http1
