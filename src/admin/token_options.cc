#include <weir/admin/token_options.h>

#include <algorithm>

#include <weir/admin/token_hash.h>

namespace weir::admin {
namespace {

/// Beyond it a head would not fit what the server reads.
constexpr std::size_t kLongestToken = 4096;

/// A header carries it as it stands.
bool is_visible_ascii(const std::string& token) {
  return std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

constexpr const char* kTokenMend = "use letters, digits and signs without spaces";

}  // namespace

void TokenOptions::read(Settings& settings) {
  read_token(settings, "token");
  name = settings.text("name", name);
  role = settings.choice("role", role);
}

void TokenOptions::read_short(Settings& settings) { read_token(settings, Settings::kItself); }

void TokenOptions::read_token(Settings& settings, std::string_view key) {
  token = settings.secret(key, token, shown);
  if (token.empty()) return settings.problem(key, "the token is empty", kTokenMend);
  if (!is_visible_ascii(token)) return settings.problem(key, "no header can carry it", kTokenMend);
  if (token.size() > kLongestToken) {
    return settings.problem(key, "the token is longer than 4096 characters", "shorten it");
  }
  // Else whoever runs what was printed could be called by anybody.
  if (token == Settings::kMask) {
    return settings.problem(key, "this is what weir check --print shows in place of a secret",
                            "put the secret back, or ${NAME}");
  }
  if (!TokenHash::is_meant(token)) return;
  if (shown.empty()) shown = token;
  const Result<TokenHash> hash = TokenHash::parse(token);
  if (!hash) settings.problem(key, hash.error().message, "write " + std::string(TokenHash::kForm));
}

}  // namespace weir::admin
