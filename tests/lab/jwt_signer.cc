#include "jwt_signer.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace weir::lab {
namespace {

void expect(bool is_good, const char* what) {
  if (!is_good) throw std::runtime_error(what);
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

/// r and s, 32 bytes each (RFC 7518 section 3.4).
std::string raw_of(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  ECDSA_SIG* parts = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  expect(parts != nullptr, "no signature");
  std::string raw(64, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(parts), reinterpret_cast<unsigned char*>(raw.data()), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(parts), reinterpret_cast<unsigned char*>(raw.data()) + 32, 32);
  ECDSA_SIG_free(parts);
  return raw;
}

}  // namespace

std::string base64url(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out += kAlphabet[bits >> (held - 6) & 63];
  }
  if (held > 0) out += kAlphabet[bits << (6 - held) & 63];
  return out;
}

JwtSigner::JwtSigner(const char* algorithm, std::string secret, EVP_PKEY* key)
    : algorithm_(algorithm), secret_(std::move(secret)), key_(key, EVP_PKEY_free) {}

JwtSigner JwtSigner::with_secret(std::string secret) { return {"HS256", std::move(secret), nullptr}; }

JwtSigner JwtSigner::with_rsa(int bits) { return {"RS256", {}, EVP_RSA_gen(static_cast<unsigned>(bits))}; }

JwtSigner JwtSigner::with_ec(const char* curve) { return {"ES256", {}, EVP_EC_gen(curve)}; }

std::string JwtSigner::sign(std::string_view header, std::string_view payload) const {
  const std::string text = base64url(header) + "." + base64url(payload);
  return text + "." + base64url(signature(text));
}

std::string JwtSigner::sign(std::string_view payload) const {
  return sign(R"({"typ":"JWT","alg":")" + algorithm_ + "\"}", payload);
}

std::string JwtSigner::signature(std::string_view text) const {
  if (key_ == nullptr) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), bytes_of(text), text.size(), mac, &size);
    return {reinterpret_cast<char*>(mac), size};
  }
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::size_t size = 0;
  expect(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
              EVP_DigestSign(digest.get(), nullptr, &size, bytes_of(text), text.size()) == 1,
          "nothing was signed");
  std::vector<unsigned char> made(size);
  expect(EVP_DigestSign(digest.get(), made.data(), &size, bytes_of(text), text.size()) == 1, "nothing was signed");
  const std::string signature(reinterpret_cast<char*>(made.data()), size);
  return algorithm_ == "ES256" ? raw_of(signature) : signature;
}

std::string JwtSigner::public_key() const {
  BIO* bio = BIO_new(BIO_s_mem());
  expect(PEM_write_bio_PUBKEY(bio, key_.get()) == 1, "no public key was written");
  return text_of(bio);
}

std::string JwtSigner::private_key() const {
  BIO* bio = BIO_new(BIO_s_mem());
  expect(PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "no key was written");
  return text_of(bio);
}

}  // namespace weir::lab
