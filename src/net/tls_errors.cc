#include "tls_errors.h"

#include <string_view>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace weir::net {
namespace {

/// OpenSSL's words for what people meet every day say little to them.
std::string_view plain_words(unsigned long code) {
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) return {};
  switch (ERR_GET_REASON(code)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST: return "the other side does not speak TLS";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: return "no TLS version in common";
    case SSL_R_NO_SHARED_CIPHER: return "no cipher in common";
    case SSL_R_NO_APPLICATION_PROTOCOL: return "no application protocol in common: weir speaks http/1.1";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return "the other side does not trust the certificate (unknown ca)";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: return "the other side asks for a certificate";
    default: return {};
  }
}

}  // namespace

std::string take_openssl_error() {
  // The first error is the cause; those after it only pass it on.
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason is known";
  if (const std::string_view words = plain_words(code); !words.empty()) return std::string(words);
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : fmt::format("OpenSSL error {:x}", code);
}

std::string take_tls_error(const ssl_st* ssl) {
  const unsigned long code = ERR_peek_error();
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    ERR_clear_error();
    return fmt::format("the certificate is refused: {}", X509_verify_cert_error_string(verified));
  }
  return take_openssl_error();
}

CertificateRefusal certificate_refusal_of(const ssl_st* ssl) {
  switch (SSL_get_verify_result(ssl)) {
    case X509_V_OK:
      return CertificateRefusal::none;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
      return CertificateRefusal::unknown_authority;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return CertificateRefusal::other_name;
    default:
      return CertificateRefusal::other;
  }
}

}  // namespace weir::net
