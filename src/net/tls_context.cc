#include "tls_errors.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <utility>

#include <weir/base/check.h>
#include <weir/net/tls.h>

namespace weir::net {
namespace {

struct Free {
  void operator()(std::FILE* file) const { std::fclose(file); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

/// RFC 7301 section 3.1: each name after its length.
constexpr unsigned char kAlpn[] = "\x08http/1.1";
constexpr unsigned kAlpnSize = sizeof kAlpn - 1;
/// Of TLS 1.2: forward secrecy and AEAD alone (RFC 9325 section 4.2). Those of TLS 1.3 are all of this kind.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// A program that serves cannot ask anybody: an encrypted key is one that cannot be read.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<std::unique_ptr<std::FILE, Free>> open(const std::string& file) {
  std::unique_ptr<std::FILE, Free> opened(std::fopen(file.c_str(), "re"));
  if (opened == nullptr) return Error{fmt::format("{} cannot be read: {}", file, std::strerror(errno))};
  return opened;
}

std::string date_of(const ASN1_TIME* time) {
  tm date{};
  if (ASN1_TIME_to_tm(time, &date) != 1) return "a date that cannot be read";
  return fmt::format("{:04}-{:02}-{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

int choose_alpn(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, kAlpn, kAlpnSize, offered, offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  WEIR_CHECK(context != nullptr, "OpenSSL made no context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection holds no buffers.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // Tickets need no store, which workers would have to lock.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  return context;
}

Status load_pair(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  if (const Status status = check_certificate_file(certificate); !status) return status;
  if (const Status status = check_key_file(key); !status) return status;
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return Error{fmt::format("the certificate {} cannot be used: {}", certificate, take_openssl_error())};
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return Error{fmt::format("the key {} is not that of the certificate {}", key, certificate)};
  }
  return Done{};
}

}  // namespace

Status check_certificate_file(const std::string& file) {
  auto opened = open(file);
  if (!opened) return opened.error();
  ERR_clear_error();
  const std::unique_ptr<X509, Free> certificate(PEM_read_X509(opened.value().get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) return Error{fmt::format("{} holds no certificate in PEM", file)};
  return Done{};
}

CertificateDates certificate_dates(const std::string& file) {
  using State = CertificateDates::State;
  CertificateDates worst;
  auto opened = open(file);
  if (!opened) return worst;
  std::time_t soon = std::time(nullptr) + std::chrono::seconds(kCertificateNotice).count();
  for (int number = 1; worst.state != State::bad; ++number) {
    const std::unique_ptr<X509, Free> certificate(PEM_read_X509(opened.value().get(), nullptr, no_passphrase, nullptr));
    if (certificate == nullptr) break;
    const ASN1_TIME* begin = X509_get0_notBefore(certificate.get());
    const ASN1_TIME* end = X509_get0_notAfter(certificate.get());
    const std::string name = number == 1 ? fmt::format("the certificate {}", file)
                                         : fmt::format("certificate {} of the chain in {}", number, file);
    if (X509_cmp_current_time(end) < 0) {
      worst = {State::bad, fmt::format("{} expired on {}", name, date_of(end)),
               "the other side will refuse it: renew it and send HUP"};
    } else if (X509_cmp_current_time(begin) > 0) {
      // No other certificate is needed then, but the right time.
      worst = {State::bad, fmt::format("{} is not valid before {}", name, date_of(begin)),
               fmt::format("the other side will refuse it: check the clock of this machine, or wait until {}",
                           date_of(begin))};
    } else if (worst.state == State::good && X509_cmp_time(end, &soon) < 0) {
      worst = {State::ends_soon, fmt::format("{} expires on {}", name, date_of(end)), "renew it and send HUP"};
    }
  }
  ERR_clear_error();
  return worst;
}

Status check_key_file(const std::string& file) {
  auto opened = open(file);
  if (!opened) return opened.error();
  ERR_clear_error();
  const std::unique_ptr<EVP_PKEY, Free> key(PEM_read_PrivateKey(opened.value().get(), nullptr, no_passphrase, nullptr));
  const bool needs_passphrase = key == nullptr && ERR_GET_REASON(ERR_peek_error()) == PEM_R_BAD_PASSWORD_READ;
  ERR_clear_error();
  if (needs_passphrase) return Error{fmt::format("the key {} needs a passphrase, which nobody is there to give", file)};
  if (key == nullptr) return Error{fmt::format("{} holds no private key in PEM", file)};
  return Done{};
}

Status check_authorities_file(const std::string& file) {
  auto opened = open(file);
  if (!opened) return opened.error();
  ERR_clear_error();
  const std::unique_ptr<X509, Free> first(PEM_read_X509_AUX(opened.value().get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (first == nullptr) return Error{fmt::format("{} holds no certificate in PEM", file)};
  return Done{};
}

Result<TlsServerContextPtr> TlsServerContext::load(const TlsServerOptions& options) {
  std::shared_ptr<SSL_CTX> context = make_context(TLS_server_method());
  WEIR_CHECK(SSL_CTX_set_cipher_list(context.get(), kCiphers) == 1, "OpenSSL knows none of the ciphers");
  if (const Status status = load_pair(context.get(), options.certificate, options.key); !status) return status.error();
  SSL_CTX_set_alpn_select_cb(context.get(), choose_alpn, nullptr);
  constexpr unsigned char kName[] = "weir";
  SSL_CTX_set_session_id_context(context.get(), kName, sizeof kName - 1);
  return TlsServerContextPtr(new TlsServerContext(std::move(context)));
}

Result<TlsClientContextPtr> TlsClientContext::load(const TlsClientOptions& options) {
  std::shared_ptr<SSL_CTX> context = make_context(TLS_client_method());
  // Returns 0 for success, unlike its neighbours.
  WEIR_CHECK(SSL_CTX_set_alpn_protos(context.get(), kAlpn, kAlpnSize) == 0, "OpenSSL refused the protocol list");
  SSL_CTX_set_verify(context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!options.ca.empty()) {
    if (const Status status = check_authorities_file(options.ca); !status) return status.error();
    if (SSL_CTX_load_verify_file(context.get(), options.ca.c_str()) != 1) {
      return Error{fmt::format("the authorities of {} cannot be used: {}", options.ca, take_openssl_error())};
    }
  } else if (options.verify && SSL_CTX_set_default_verify_paths(context.get()) != 1) {
    return Error{
        fmt::format("the system's authorities cannot be read: {} (name a file under ca)", take_openssl_error())};
  }
  if (!options.certificate.empty()) {
    if (const Status status = load_pair(context.get(), options.certificate, options.key); !status) {
      return status.error();
    }
  }
  ERR_clear_error();
  return TlsClientContextPtr(new TlsClientContext(std::move(context)));
}

}  // namespace weir::net
