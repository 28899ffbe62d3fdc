#include "lab/certificates.h"

#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <string>

#include <weir/net/tls.h>

using namespace weir;
using net::TlsClientContext;
using net::TlsServerContext;

namespace {

bool says(const Error& error, const std::string& words) {
  const bool found = error.message.find(words) != std::string::npos;
  if (!found) MESSAGE(error.message);
  return found;
}

std::string refusal(const net::TlsServerOptions& options) {
  const auto context = TlsServerContext::load(options);
  return context ? "it was taken" : context.error().message;
}

}  // namespace

TEST_CASE("TlsServerContext: a certificate with its key makes one") {
  const lab::TemporaryFolder folder;
  const lab::Authority authority(folder);
  const auto files = authority.issue("server", "DNS:localhost");
  CHECK(TlsServerContext::load({files.certificate, files.key}).is_ok());
}

TEST_CASE("TlsServerContext: says which file is missing or is something else") {
  const lab::TemporaryFolder folder;
  const lab::Authority authority(folder);
  const auto files = authority.issue("server", "DNS:localhost");
  const std::string missing = folder.file("missing.pem");
  const std::string text = folder.write("text.pem", "no PEM\n");
  CHECK(refusal({missing, files.key}) == missing + " cannot be read: No such file or directory");
  CHECK(refusal({files.certificate, missing}) == missing + " cannot be read: No such file or directory");
  CHECK(refusal({text, files.key}) == text + " holds no certificate in PEM");
  CHECK(refusal({files.certificate, text}) == text + " holds no private key in PEM");
  CHECK(refusal({files.key, files.key}) == files.key + " holds no certificate in PEM");
}

TEST_CASE("TlsServerContext: a key that is another certificate's is refused") {
  const lab::TemporaryFolder folder;
  const lab::Authority authority(folder);
  const auto files = authority.issue("server", "DNS:localhost");
  const auto others = authority.issue("other", "DNS:localhost");
  CHECK(refusal({files.certificate, others.key}) ==
        "the key " + others.key + " is not that of the certificate " + files.certificate);
}

TEST_CASE("TlsServerContext: a certificate is taken whatever its dates, and those are told apart") {
  using State = net::CertificateDates::State;
  const lab::TemporaryFolder folder;
  const lab::Authority authority(folder);
  const auto expired = authority.issue("expired", "DNS:localhost", -10, -1);
  const auto early = authority.issue("early", "DNS:localhost", 1, 30);
  const auto soon = authority.issue("soon", "DNS:localhost", -1, 13);
  const auto good = authority.issue("good", "DNS:localhost", -1, 30);
  for (const auto& files : {expired, early, soon, good})
    CHECK(TlsServerContext::load({files.certificate, files.key}).is_ok());
  CHECK(net::certificate_dates(expired.certificate).state == State::bad);
  CHECK(says({net::certificate_dates(expired.certificate).what}, "expired.pem expired on 20"));
  CHECK(net::certificate_dates(expired.certificate).mend == "the other side will refuse it: renew it and send HUP");
  CHECK(net::certificate_dates(early.certificate).state == State::bad);
  CHECK(says({net::certificate_dates(early.certificate).what}, "early.pem is not valid before 20"));
  // No renewal helps there.
  CHECK(says({net::certificate_dates(early.certificate).mend},
             "the other side will refuse it: check the clock of this machine, or wait until 20"));
  CHECK(net::certificate_dates(soon.certificate).state == State::ends_soon);
  CHECK(says({net::certificate_dates(soon.certificate).what}, "soon.pem expires on 20"));
  CHECK(net::certificate_dates(soon.certificate).mend == "renew it and send HUP");
  CHECK(net::certificate_dates(good.certificate).state == State::good);
}

TEST_CASE("TlsServerContext: the dates of the whole chain count") {
  using State = net::CertificateDates::State;
  const auto read = [](const std::string& file) {
    std::ifstream stream(file);
    return std::string{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  };
  const lab::TemporaryFolder folder;
  const lab::Authority authority(folder);
  const std::string good = read(authority.issue("good", "DNS:localhost").certificate);
  const std::string expired = read(authority.issue("expired", "DNS:localhost", -10, -1).certificate);
  const net::CertificateDates dates = net::certificate_dates(folder.write("chain.pem", good + expired));
  CHECK(dates.state == State::bad);
  CHECK(says({dates.what}, "certificate 2 of the chain in "));
}

TEST_CASE("TlsClientContext: trusts the system's authorities or those of a file") {
  const lab::TemporaryFolder folder;
  const lab::Authority authority(folder);
  net::TlsClientOptions options;
  CHECK(TlsClientContext::load(options).is_ok());
  options.ca = authority.certificate();
  CHECK(TlsClientContext::load(options).is_ok());
  options.ca = folder.file("missing.pem");
  const auto missing = TlsClientContext::load(options);
  REQUIRE(!missing.is_ok());
  CHECK(says(missing.error(), "missing.pem cannot be read"));
  options.ca = folder.write("text.pem", "no PEM\n");
  const auto text = TlsClientContext::load(options);
  REQUIRE(!text.is_ok());
  CHECK(says(text.error(), "holds no certificate in PEM"));
}

TEST_CASE("TlsClientContext: a certificate to show needs its own key") {
  const lab::TemporaryFolder folder;
  const lab::Authority authority(folder);
  const auto files = authority.issue("client", "DNS:client");
  const auto others = authority.issue("other", "DNS:client");
  net::TlsClientOptions options;
  options.certificate = files.certificate;
  options.key = files.key;
  CHECK(TlsClientContext::load(options).is_ok());
  options.key = others.key;
  CHECK(!TlsClientContext::load(options).is_ok());
}
