#include "credentials.h"

#include <algorithm>

#include <fmt/format.h>

namespace weir::admin {
Credentials::Credentials(const AdminOptions& options) : are_needed_(options.needs_credential()) {
  for (std::size_t i = 0; i < options.tokens.size(); ++i) {
    const TokenOptions& token = options.tokens[i];
    const Result<TokenHash> hash =
        TokenHash::is_meant(token.token) ? TokenHash::parse(token.token) : TokenHash::of(token.token, {});
    if (!hash) continue;  // the configuration has said so; it opens nothing
    tokens_.push_back({hash.value(), token.name.empty() ? fmt::format("tokens[{}]", i) : token.name, token.role});
  }
}

std::optional<Caller> Credentials::find(std::string_view presented) const {
  const Token* found = nullptr;
  for (const Token& token : tokens_) {
    // All of them are looked at, so that the time tells nothing about which one it was.
    if (token.hash.is_of(presented) && (found == nullptr || token.grant > found->grant)) found = &token;
  }
  if (found == nullptr) return std::nullopt;
  return Caller{.by = Caller::By::credential,
                .grant = found->grant,
                .name = found->name,
                .proof = found->hash.to_string(),
                .expires = std::nullopt};
}

bool Credentials::still_admits(const Caller& caller) const {
  return std::any_of(tokens_.begin(), tokens_.end(), [&](const Token& token) {
    return token.grant == caller.grant && token.hash.to_string() == caller.proof;
  });
}

}  // namespace weir::admin
