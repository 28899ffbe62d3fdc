#include "credentials.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <weir/export/legend.h>

namespace weir::admin {
namespace {

/// Of a subject, which somebody else chose.
constexpr std::size_t kLongestName = 100;

}  // namespace
Credentials::Credentials(const AdminOptions& options, JwtVerifierPtr jwt)
    : are_needed_(options.needs_credential()), jwt_(std::move(jwt)) {
  for (std::size_t i = 0; i < options.tokens.size(); ++i) {
    const TokenOptions& token = options.tokens[i];
    const Result<TokenHash> hash =
        TokenHash::is_meant(token.token) ? TokenHash::parse(token.token) : TokenHash::of(token.token, {});
    if (!hash) continue;  // the configuration has said so; it opens nothing
    tokens_.push_back({hash.value(), token.name.empty() ? fmt::format("tokens[{}]", i) : token.name, token.role});
  }
}

Result<Caller> Credentials::find(std::string_view presented, WallTime now) const {
  if (auto caller = find_token(presented)) return std::move(*caller);
  if (jwt_ == nullptr) return Error{"the credential is none of admin.tokens"};
  if (!JwtVerifier::is_meant(presented)) return Error{"the credential is none of admin.tokens, and no JWT"};
  const Result<JwtVerifier::Claims> claims = jwt_->verify(presented, now);
  if (!claims) return claims.error();
  const auto& [subject, grant, expires] = claims.value();
  return Caller{.by = Caller::By::credential,
                .grant = grant,
                .name = "jwt:" + exporter::printable(subject.substr(0, kLongestName)),
                .proof = jwt_proof(),
                .expires = expires,
                .ends = {}};
}

std::optional<Caller> Credentials::find_token(std::string_view presented) const {
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
                .expires = std::nullopt,
                .ends = {}};
}

bool Credentials::still_admits(const Caller& caller) const {
  if (jwt_ != nullptr && caller.proof == jwt_proof()) return true;
  return std::any_of(tokens_.begin(), tokens_.end(), [&](const Token& token) {
    return token.grant == caller.grant && token.hash.to_string() == caller.proof;
  });
}

}  // namespace weir::admin
