#include "jwt_keys.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <weir/base/bytes.h>

namespace weir::admin {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;
constexpr int kLeastRsaBits = 2048;
/// Of r and of s in a signature on P-256 (RFC 7518 section 3.4).
constexpr std::size_t kCoordinateBytes = 32;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Result<std::string> read_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Error{fmt::format("{} cannot be read: {}", file, std::strerror(errno))};
  std::string text(kMostBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return Error{fmt::format("{} cannot be read: {}", file, std::strerror(errno))};
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMostBytes) {
    return Error{fmt::format("{} is larger than a key: more than {} bytes", file, kMostBytes)};
  }
  return text;
}

/// One block of a PEM file: its label and what it holds.
struct PemBlock {
  std::string label;
  std::string content;

  static bool read(BIO* bio, PemBlock& block) {
    char* label = nullptr;
    char* header = nullptr;
    unsigned char* content = nullptr;
    long size = 0;
    if (PEM_read_bio(bio, &label, &header, &content, &size) != 1) return false;
    block = {label, std::string(reinterpret_cast<const char*>(content), static_cast<std::size_t>(size))};
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_free(content);
    return true;
  }
};

bool may_hold_key(const PemBlock& block) {
  return block.label == "PUBLIC KEY" || block.label == "RSA PUBLIC KEY" || block.label == "CERTIFICATE";
}

std::shared_ptr<EVP_PKEY> public_key_of(const PemBlock& block) {
  const unsigned char* at = bytes_of(block.content);
  const auto size = static_cast<long>(block.content.size());
  EVP_PKEY* key = nullptr;
  if (block.label == "PUBLIC KEY") {
    key = d2i_PUBKEY(nullptr, &at, size);
  } else if (block.label == "RSA PUBLIC KEY") {
    key = d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size);
  } else if (block.label == "CERTIFICATE") {
    const std::unique_ptr<X509, Free> certificate(d2i_X509(nullptr, &at, size));
    if (certificate != nullptr) key = X509_get_pubkey(certificate.get());
  }
  ERR_clear_error();
  return {key, EVP_PKEY_free};
}

bool is_p256(const EVP_PKEY* key) {
  char name[32];
  std::size_t size = 0;
  return EVP_PKEY_get_group_name(key, name, sizeof name, &size) == 1 && std::string_view(name, size) == "prime256v1";
}

/// As OpenSSL wants it: DER, where a JWS has r and s one after the other. Empty where it cannot be one.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return {};
  const std::unique_ptr<ECDSA_SIG, Free> parts(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(signature), kCoordinateBytes, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(signature) + kCoordinateBytes, kCoordinateBytes, nullptr);
  if (parts == nullptr || ECDSA_SIG_set0(parts.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

bool is_signed_by(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  if (signature.empty()) return false;
  const std::unique_ptr<EVP_MD_CTX, Free> digest(EVP_MD_CTX_new());
  const bool is_good =
      digest != nullptr && EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(digest.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
  ERR_clear_error();
  return is_good;
}

std::string hmac_of(std::string_view secret, std::string_view text) {
  std::string mac(SHA256_DIGEST_LENGTH, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(),
       reinterpret_cast<unsigned char*>(mac.data()), &size);
  mac.resize(size);
  return mac;
}

}  // namespace

Status JwtKeys::add_secret(const std::string& file) {
  Result<std::string> read = read_file(file);
  if (!read) return read.error();
  std::string secret = std::move(read).value();
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) return Error{fmt::format("{} is empty", file)};
  // Whoever verifies by it as a secret lets in whoever knows the public key.
  if (secret.find("-----BEGIN ") != std::string::npos) {
    return Error{fmt::format("{} holds a key in PEM, no secret", file)};
  }
  secret_ = std::move(secret);
  return Done{};
}

Status JwtKeys::add_public_keys(const std::string& file) {
  const Result<std::string> text = read_file(file);
  if (!text) return text.error();
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(text.value().data(), static_cast<int>(text.value().size())));
  ERR_clear_error();
  std::size_t found = 0;
  for (PemBlock block; bio != nullptr && PemBlock::read(bio.get(), block);) {
    if (block.label.ends_with("PRIVATE KEY")) {
      return Error{fmt::format("{} holds a private key, which belongs to who signs alone", file)};
    }
    if (!may_hold_key(block)) continue;
    std::shared_ptr<EVP_PKEY> key = public_key_of(block);
    if (key == nullptr) return Error{fmt::format("{} holds a {} that cannot be read", file, block.label)};
    if (const Status added = add(std::move(key), file); !added) return added;
    if (++found > kMostKeys) return Error{fmt::format("{} holds more than {} keys", file, kMostKeys)};
  }
  const bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!is_at_end) return Error{fmt::format("{} holds PEM that cannot be read", file)};
  if (found == 0) return Error{fmt::format("{} holds no public key in PEM", file)};
  return Done{};
}

Status JwtKeys::add(std::shared_ptr<EVP_PKEY> key, const std::string& file) {
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      if (EVP_PKEY_get_bits(key.get()) < kLeastRsaBits) {
        return Error{
            fmt::format("{} holds an RSA key of {} bits, too short to be safe", file, EVP_PKEY_get_bits(key.get()))};
      }
      public_keys_.push_back({JwtAlgorithm::rs256, std::move(key)});
      return Done{};
    case EVP_PKEY_EC:
      if (!is_p256(key.get())) return Error{fmt::format("{} holds an EC key that is not on the curve P-256", file)};
      public_keys_.push_back({JwtAlgorithm::es256, std::move(key)});
      return Done{};
    default:
      return Error{fmt::format("{} holds a key that is neither RSA nor EC", file)};
  }
}

bool JwtKeys::has_key_for(JwtAlgorithm algorithm) const {
  if (algorithm == JwtAlgorithm::hs256) return !secret_.empty();
  return std::any_of(public_keys_.begin(), public_keys_.end(),
                     [&](const PublicKey& key) { return key.algorithm == algorithm; });
}

bool JwtKeys::have_signed(JwtAlgorithm algorithm, std::string_view text, std::string_view signature) const {
  if (algorithm == JwtAlgorithm::hs256) {
    return !secret_.empty() && equals_in_constant_time(hmac_of(secret_, text), signature);
  }
  const std::string der = algorithm == JwtAlgorithm::es256 ? der_of(signature) : std::string();
  return std::any_of(public_keys_.begin(), public_keys_.end(), [&](const PublicKey& key) {
    return key.algorithm == algorithm &&
           is_signed_by(key.key.get(), text, algorithm == JwtAlgorithm::es256 ? der : signature);
  });
}

std::string JwtKeys::fingerprint() const {
  std::string all = fmt::format("{}:{}", secret_.size(), secret_);
  for (const PublicKey& key : public_keys_) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key.key.get(), &der);
    if (size > 0) all.append(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
  }
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(bytes_of(all), all.size(), reinterpret_cast<unsigned char*>(digest.data()));
  return to_hex(digest);
}

}  // namespace weir::admin
