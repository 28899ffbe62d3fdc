#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <weir/base/result.h>

namespace weir::admin {

/// A token as SHA-256(salt ‖ token), which does for tokens that nobody can guess: those of `make_token` have 256 bits. A
/// password that a person chose could be tried out against it by whoever reads the configuration.
class TokenHash {
 public:
  /// How it is written: `sha256:SALT:DIGEST`, the salt as the 16 to 64 hexadecimal digits that are hashed as they
  /// stand, the digest as 64. So `printf %s "$salt$token" | sha256sum` makes the same.
  static constexpr std::string_view kForm = "sha256:SALT:DIGEST, which weir token makes";

  /// Whether `text` is meant as a hash: no token begins like one.
  static bool is_meant(std::string_view text) { return text.starts_with(kPrefix); }
  static Result<TokenHash> parse(std::string_view text);
  static TokenHash of(std::string_view token, std::string_view salt);
  /// With a salt of its own.
  static TokenHash of(std::string_view token);

  /// Takes a time that tells nothing about the token that it is compared with.
  bool is_of(std::string_view token) const;
  std::string to_string() const;

  friend bool operator==(const TokenHash&, const TokenHash&) = default;

 private:
  static constexpr std::string_view kPrefix = "sha256:";
  using Digest = std::array<char, 32>;
  static Digest digest_of(std::string_view salt, std::string_view token);

  std::string salt_;
  Digest digest_{};
};

/// A new token out of 256 random bits, in characters that headers, URLs and shells leave alone.
std::string make_token();

}  // namespace weir::admin
