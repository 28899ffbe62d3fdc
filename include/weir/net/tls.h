#pragma once

#include <chrono>
#include <cstdint>
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
  /// Reads the files. Refuses a key that is not the certificate's. The certificate's dates are not looked at: a weir that
  /// does not start helps its clients less than a certificate that they may refuse.
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

/// Whether a file holds a certificate in PEM.
Status check_certificate_file(const std::string& file);

/// What the dates of a file's certificates, its chain included, have to say today.
struct CertificateDates {
  enum class State : std::uint8_t { good, ends_soon, bad };

  State state = State::good;
  std::string what;  ///< `the certificate FILE expired on 2026-01-31`; empty where all is good
  std::string mend;  ///< what helps: `renew it and send HUP`
};
/// The worst of them. `ends_soon`: within `kCertificateNotice`. A file that cannot be read is good here.
CertificateDates certificate_dates(const std::string& file);
inline constexpr std::chrono::days kCertificateNotice{14};
/// Whether a file holds a private key in PEM that needs no passphrase.
Status check_key_file(const std::string& file);
/// Whether a file holds certificates of authorities in PEM.
Status check_authorities_file(const std::string& file);

}  // namespace weir::net
