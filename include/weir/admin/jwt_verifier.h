#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <weir/admin/jwt_options.h>
#include <weir/admin/token_options.h>
#include <weir/base/clock.h>
#include <weir/base/result.h>

namespace weir::admin {

class JwtKeys;

/// Says whether a JWT opens the admin API, and how far: RFC 7519 in the compact form of RFC 7515, as strictly as RFC 8725
/// asks for. Immutable; a reload makes another.
class JwtVerifier {
 public:
  /// Reads the key files.
  static Result<std::shared_ptr<const JwtVerifier>> load(const JwtOptions& options);

  struct Claims {
    std::string subject;              ///< empty: the token has none
    Grant grant = Grant::viewer;
    std::optional<WallTime> expires;  ///< nothing: it never does
  };
  /// A token that is longer is refused unread.
  static constexpr std::size_t kLongest = 16 * 1024;

  /// An error says in a sentence why not, and nothing that helps who guesses.
  Result<Claims> verify(std::string_view token, WallTime now) const;
  /// Whether the text has the form of a JWT: three parts.
  static bool is_meant(std::string_view text);
  /// Changes when a token that was good may no longer be: with keys and options.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  JwtVerifier(JwtOptions options, std::shared_ptr<const JwtKeys> keys);

  JwtOptions options_;
  std::shared_ptr<const JwtKeys> keys_;
  std::string fingerprint_;
};

using JwtVerifierPtr = std::shared_ptr<const JwtVerifier>;

}  // namespace weir::admin
