#include <fmt/format.h>

#include <weir/net/endpoint.h>
#include <weir/net/tls.h>
#include <weir/net/tls_options.h>

namespace weir::net {
namespace {

constexpr const char* kCertificateMend = "name the PEM file of a certificate, its chain after it";
constexpr const char* kKeyMend = "name the PEM file of the certificate's own key, without a passphrase";
constexpr const char* kAuthoritiesMend = "name a PEM file of certificates, or leave it out for the system's";

bool is_good(Settings& settings, const char* key, const std::string& file, Status (*check)(const std::string&),
             const char* mend) {
  const Status status = check(file);
  if (!status) settings.problem(key, status.error().message, mend);
  return status.is_ok();
}

/// Never a reason not to run: who connects decides what to do about it.
void check_dates(Settings& settings, const std::string& certificate) {
  const CertificateDates dates = certificate_dates(certificate);
  if (dates.state == CertificateDates::State::good) return;
  const bool is_bad = dates.state == CertificateDates::State::bad;
  settings.warning("certificate", dates.what, dates.mend,
                   is_bad ? Settings::Weight::fault : Settings::Weight::notice);
}

/// A certificate with its key, both given.
void check_pair(Settings& settings, const std::string& certificate, const std::string& key) {
  const bool has_certificate = is_good(settings, "certificate", certificate, check_certificate_file, kCertificateMend);
  if (has_certificate) check_dates(settings, certificate);
  const bool has_key = is_good(settings, "key", key, check_key_file, kKeyMend);
  if (!has_certificate || !has_key) return;
  const auto context = TlsServerContext::load({.certificate = certificate, .key = key});
  if (!context) settings.problem("key", context.error().message, kKeyMend);
}

}  // namespace

void TlsServerOptions::read(Settings& settings) {
  certificate = settings.file("certificate", certificate);
  key = settings.file("key", key);
  if (!settings.is_reading()) return;
  if (certificate.empty()) settings.problem("certificate", "the listener has no certificate", kCertificateMend);
  if (key.empty()) settings.problem("key", "the listener's certificate has no key", kKeyMend);
  if (!certificate.empty() && !key.empty()) check_pair(settings, certificate, key);
}

void TlsClientOptions::read(Settings& settings) {
  ca = settings.file("ca", ca);
  verify = settings.boolean("verify", verify);
  server_name = settings.text("server_name", server_name);
  certificate = settings.file("certificate", certificate);
  key = settings.file("key", key);
  if (!settings.is_reading()) return;
  // OpenSSL takes an empty name for "check no name", and one with a leading dot for every name below it.
  if (!server_name.empty() && !Endpoint::is_host(server_name)) {
    settings.problem("server_name", fmt::format("\"{}\" is not a host name or an IP address", server_name),
                     "write the name that is in the server's certificate, such as app.internal");
  }
  if (!ca.empty()) is_good(settings, "ca", ca, check_authorities_file, kAuthoritiesMend);
  if (certificate.empty() && !key.empty()) {
    settings.problem("certificate", "there is a key and no certificate", kCertificateMend);
  }
  if (!certificate.empty() && key.empty()) settings.problem("key", "there is a certificate and no key", kKeyMend);
  if (!certificate.empty() && !key.empty()) check_pair(settings, certificate, key);
}

}  // namespace weir::net
