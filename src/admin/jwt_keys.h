#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/types.h>

#include <weir/base/names.h>
#include <weir/base/result.h>

namespace weir::admin {

/// The algorithms of RFC 7518 section 3.1 that are spoken here.
enum class JwtAlgorithm : std::uint8_t {
  hs256,  ///< HMAC with SHA-256
  rs256,  ///< RSASSA-PKCS1-v1_5 with SHA-256
  es256,  ///< ECDSA on P-256 with SHA-256
};

/// Keys that verify signatures, each for the one algorithm that its kind says: a token may name that one or be refused,
/// and never turns a public key into a secret. Several keys of one kind let an issuer change its key by and by.
class JwtKeys {
 public:
  /// A file's bytes but for a line break at the end.
  Status add_secret(const std::string& file);
  /// Every key and certificate of a PEM file.
  Status add_public_keys(const std::string& file);

  /// Whether one of the keys for `algorithm` has signed `text`.
  bool have_signed(JwtAlgorithm algorithm, std::string_view text, std::string_view signature) const;
  bool has_key_for(JwtAlgorithm algorithm) const;
  /// Too short for HS256 (RFC 7518 section 3.2): it can be found out from one token.
  bool has_weak_secret() const { return !secret_.empty() && secret_.size() < kSecretBytes; }
  /// Changes with the keys.
  std::string fingerprint() const;

 private:
  static constexpr std::size_t kSecretBytes = 32;
  static constexpr std::size_t kMostKeys = 16;
  struct PublicKey {
    JwtAlgorithm algorithm;
    std::shared_ptr<EVP_PKEY> key;
  };

  Status add(std::shared_ptr<EVP_PKEY> key, const std::string& file);

  std::string secret_;
  std::vector<PublicKey> public_keys_;
};

}  // namespace weir::admin

template <>
struct weir::Names<weir::admin::JwtAlgorithm> {
  static constexpr std::array<std::string_view, 3> labels = {"HS256", "RS256", "ES256"};
};
