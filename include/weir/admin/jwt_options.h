#pragma once

#include <string>

#include <weir/base/clock.h>
#include <weir/base/settings.h>

namespace weir::admin {

/// `admin.jwt`: tokens that somebody else signs (RFC 7519) and that open the admin API.
struct JwtOptions {
  std::string secret_file;      ///< the shared secret of HS256
  std::string public_key_file;  ///< PEM: of RS256 an RSA key, of ES256 one on P-256; or the certificate of one
  std::string role_claim = "role";   ///< a claim's name, or a JSON Pointer (RFC 6901) to one within another
  std::string admin_role = "admin";  ///< whose holders may change something
  std::string viewer_role;           ///< whose holders may look; empty: every token that is valid
  std::string audience;              ///< must be in `aud`; empty: anybody's
  std::string issuer;                ///< must be `iss`; empty: anybody
  Nanos leeway{0};                   ///< that clocks may differ by
  bool require_expiry = true;        ///< a token without `exp` is refused

  bool is_on() const { return !secret_file.empty() || !public_key_file.empty(); }
  /// Reads the files too, so that what is wrong with them is said at their place in the configuration.
  void read(Settings& settings);
};

}  // namespace weir::admin
