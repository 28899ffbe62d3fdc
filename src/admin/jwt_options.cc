#include <weir/admin/jwt_options.h>

#include "jwt_keys.h"

namespace weir::admin {
namespace {

constexpr const char* kSecretMend = "name the file of a secret of 32 bytes or more, shared with who signs the tokens";
constexpr const char* kPublicKeyMend = "name a PEM file of an RSA key of 2048 bits or more, or of an EC key on P-256";

}  // namespace

void JwtOptions::read(Settings& settings) {
  secret_file = settings.file("secret_file", secret_file);
  public_key_file = settings.file("public_key_file", public_key_file);
  role_claim = settings.text("role_claim", role_claim);
  admin_role = settings.text("admin_role", admin_role);
  viewer_role = settings.text("viewer_role", viewer_role);
  audience = settings.text("audience", audience);
  issuer = settings.text("issuer", issuer);
  leeway = settings.duration("leeway", leeway, {0s, 5min});
  require_expiry = settings.boolean("require_expiry", require_expiry);
  if (!settings.is_reading()) return;
  if (!is_on()) {
    settings.problem(Settings::kItself, "there is no key to verify tokens with", "name secret_file or public_key_file");
  }
  if (role_claim.empty()) settings.problem("role_claim", "there is no claim", "write its name, such as role");
  if (admin_role.empty()) settings.problem("admin_role", "there is no role", "write one, such as admin");
  JwtKeys keys;
  if (!secret_file.empty()) {
    if (const Status read = keys.add_secret(secret_file); !read) {
      settings.problem("secret_file", read.error().message, kSecretMend);
    }
  }
  if (!public_key_file.empty()) {
    const Status read = keys.add_public_keys(public_key_file);
    if (!read) settings.problem("public_key_file", read.error().message, kPublicKeyMend);
  }
}

}  // namespace weir::admin
