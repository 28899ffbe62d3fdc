#pragma once

#include <string>

#include <weir/net/stream.h>

struct ssl_st;

namespace weir::net {

/// Why OpenSSL's last call failed, from its error queue, in a few words: `no certificate in PEM`. Empties the queue.
std::string take_openssl_error();

/// Why a connection's TLS failed: what is wrong with the peer's certificate, else what the error queue says. Empties
/// it.
std::string take_tls_error(const ssl_st* ssl);

/// What kind of thing is wrong with the peer's certificate.
CertificateRefusal certificate_refusal_of(const ssl_st* ssl);

}  // namespace weir::net
