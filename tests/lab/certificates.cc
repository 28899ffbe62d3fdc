#include "certificates.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace weir::lab {
namespace {

void require(bool is_good, const char* what) {
  if (!is_good) throw std::runtime_error(what);
}

std::shared_ptr<EVP_PKEY> make_key() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  require(key != nullptr, "no key was made");
  return {key, EVP_PKEY_free};
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX names;
  X509V3_set_ctx(&names, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &names, id, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "an extension was refused");
  X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> make_certificate(EVP_PKEY* key, const std::string& name, int days_from, int days_to) {
  constexpr long kDay = 24 * 60 * 60;
  static long serial = 1;
  std::shared_ptr<X509> made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), days_from * kDay);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), days_to * kDay);
  X509_set_pubkey(made.get(), key);
  X509_NAME* subject = X509_get_subject_name(made.get());
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  return made;
}

void write_certificate(const std::string& file, X509* certificate) {
  std::FILE* out = std::fopen(file.c_str(), "we");
  require(out != nullptr && PEM_write_X509(out, certificate) == 1, "a certificate was not written");
  std::fclose(out);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "weir-test-XXXXXX").string();
  require(mkdtemp(pattern.data()) != nullptr, "no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
  std::ofstream(file(name), std::ios::binary) << content;
  return file(name);
}

Authority::Authority(const TemporaryFolder& folder, const std::string& name)
    : folder_(folder), key_(make_key()), certificate_file_(folder.file(name + ".pem")) {
  certificate_ = make_certificate(key_.get(), "Authority of a test: " + name, -2, 3650);
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  add_extension(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate_.get(), certificate_.get(), NID_key_usage, "critical,keyCertSign");
  require(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0, "the authority did not sign itself");
  write_certificate(certificate_file_, certificate_.get());
}

CertificateFiles Authority::issue(const std::string& name, const std::string& alternatives, int days_from,
                                  int days_to) const {
  const std::shared_ptr<EVP_PKEY> key = make_key();
  const std::shared_ptr<X509> made = make_certificate(key.get(), name, days_from, days_to);
  X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
  add_extension(made.get(), certificate_.get(), NID_subject_alt_name, alternatives);
  require(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0, "the authority did not sign");
  CertificateFiles files{.certificate = folder_.file(name + ".pem"), .key = folder_.file(name + ".key")};
  write_certificate(files.certificate, made.get());
  std::FILE* out = std::fopen(files.key.c_str(), "we");
  require(out != nullptr && PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "a key was not written");
  std::fclose(out);
  return files;
}

}  // namespace weir::lab
