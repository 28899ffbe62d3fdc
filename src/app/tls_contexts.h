#pragma once

#include <vector>

#include <weir/base/result.h>
#include <weir/config/options.h>
#include <weir/net/tls.h>

namespace weir::app {

/// The certificates, keys and authorities that a configuration names, read from their files: anew on each reload.
struct TlsContexts {
  std::vector<net::TlsServerContextPtr> listeners;  ///< by index; null where clients speak plain HTTP
  std::vector<net::TlsClientContextPtr> upstreams;  ///< by index; null where no server speaks TLS

  net::TlsServerContextPtr admin;                   ///< null where the admin API speaks plain HTTP

  static Result<TlsContexts> load(const config::Options& options);
};

}  // namespace weir::app
