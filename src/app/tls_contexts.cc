#include "tls_contexts.h"

#include <fmt/format.h>

#include <weir/base/log.h>

namespace weir::app {

Result<TlsContexts> TlsContexts::load(const config::Options& options) {
  TlsContexts contexts;
  for (const net::ListenerOptions& listener : options.listeners) {
    net::TlsServerContextPtr& made = contexts.listeners.emplace_back();
    if (!listener.tls.is_on()) continue;
    auto context = net::TlsServerContext::load(listener.tls);
    if (!context) {
      return Error{fmt::format("cannot listen on {}: {}", listener.address.to_string(), context.error().message)};
    }
    made = std::move(context).value();
  }
  for (const proxy::UpstreamOptions& upstream : options.upstreams) {
    net::TlsClientContextPtr& made = contexts.upstreams.emplace_back();
    if (!upstream.speaks_tls()) continue;
    auto context = net::TlsClientContext::load(upstream.tls);
    if (!context) {
      return Error{fmt::format("cannot speak TLS to upstream {}: {}", upstream.name, context.error().message)};
    }
    made = std::move(context).value();
    if (!upstream.tls.verify) {
      log::warning("the certificates of an upstream's servers are not verified", {{"upstream", upstream.name}});
    }
  }
  if (options.admin.tls.is_on()) {
    auto context = net::TlsServerContext::load(options.admin.tls);
    if (!context) {
      return Error{fmt::format("cannot listen on {}: {}", options.admin.address.to_string(), context.error().message)};
    }
    contexts.admin = std::move(context).value();
  }
  return contexts;
}

}  // namespace weir::app
