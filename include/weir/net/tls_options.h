#pragma once

#include <string>

#include <weir/base/settings.h>

namespace weir::net {

/// `tls` of a listener: clients speak TLS to it. Files are in PEM; a relative name is looked for where weir runs.
struct TlsServerOptions {
  std::string certificate;  ///< its own first, then those between it and the authority's
  std::string key;

  bool is_on() const { return !certificate.empty(); }
  /// Reads the files too, so that what is wrong with them is said at their place in the configuration.
  void read(Settings& settings);
};

/// `tls` of an upstream: how its `https://` servers are spoken to. The defaults are those of a browser.
struct TlsClientOptions {
  std::string ca;           ///< PEM file of the authorities to trust; empty: the system's
  bool verify = true;       ///< false: whoever answers is believed
  std::string server_name;  ///< asked for (SNI) and looked for in the certificate; empty: the host of the server's URL
  std::string certificate;  ///< with `key`: what weir shows to a server that asks who it is
  std::string key;

  friend bool operator==(const TlsClientOptions&, const TlsClientOptions&) = default;
  void read(Settings& settings);
};

}  // namespace weir::net
