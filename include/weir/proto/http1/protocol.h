#pragma once

#include <memory>

#include <weir/proxy/worker.h>

namespace weir::proto::http1 {

/// HTTP/1.1 and HTTP/1.0 (RFC 9110, RFC 9112) on both sides. One object a worker; `worker` must outlive it.
std::unique_ptr<proxy::Protocol> make_protocol(proxy::Worker& worker);

}  // namespace weir::proto::http1
