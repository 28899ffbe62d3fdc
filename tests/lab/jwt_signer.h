#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/types.h>

#include "certificates.h"

namespace weir::lab {

/// base64url without padding.
std::string base64url(std::string_view bytes);

/// Signs JWTs for tests: with a secret (HS256), or with a new key of its own (RS256, ES256).
class JwtSigner {
 public:
  static JwtSigner with_secret(std::string secret);
  static JwtSigner with_rsa(int bits = 2048);
  static JwtSigner with_ec(const char* curve = "P-256");

  /// `header` and `payload` are JSON, or meant not to be.
  std::string sign(std::string_view header, std::string_view payload) const;
  /// The usual header.
  std::string sign(std::string_view payload) const;
  std::string signature(std::string_view text) const;

  /// PEM.
  std::string public_key() const;
  std::string private_key() const;

 private:
  JwtSigner(const char* algorithm, std::string secret, EVP_PKEY* key);

  std::string algorithm_;
  std::string secret_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace weir::lab
