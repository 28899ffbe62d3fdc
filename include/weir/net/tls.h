#pragma once

#include <memory>
#include <string>
#include <utility>

#include <weir/base/result.h>
#include <weir/net/tls_options.h>

struct ssl_ctx_st;

namespace weir::net {

/// How a listener speaks TLS: its certificate, TLS 1.2 and 1.3, forward-secret AEAD ciphers, ALPN `http/1.1` alone
/// (RFC 7301: a client that offers only others is refused), session tickets, no renegotiation, no compression.
/// Immutable, so all workers share one. A reload makes another; connections keep the one that they began with.
class TlsServerContext {
 public:
  /// Reads the files. Refuses a key that is not the certificate's, and a certificate that has expired.
  static Result<std::shared_ptr<const TlsServerContext>> load(const TlsServerOptions& options);

  /// OpenSSL's object, for `net` alone.
  ssl_ctx_st* raw() const { return context_.get(); }

 private:
  explicit TlsServerContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

/// How an upstream is spoken to in TLS: 1.2 and 1.3, ALPN `http/1.1`, the server's certificate verified against the
/// system's authorities or those of a file, unless the options say otherwise. Immutable and shared, as above.
class TlsClientContext {
 public:
  static Result<std::shared_ptr<const TlsClientContext>> load(const TlsClientOptions& options);

  ssl_ctx_st* raw() const { return context_.get(); }

 private:
  explicit TlsClientContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

using TlsServerContextPtr = std::shared_ptr<const TlsServerContext>;
using TlsClientContextPtr = std::shared_ptr<const TlsClientContext>;

/// Whether a file holds a certificate in PEM that has not expired, and then what stands in its way.
Status check_certificate_file(const std::string& file);
/// Whether a file holds a private key in PEM that needs no passphrase.
Status check_key_file(const std::string& file);
/// Whether a file holds certificates of authorities in PEM.
Status check_authorities_file(const std::string& file);

}  // namespace weir::net
