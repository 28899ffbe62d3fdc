#include "access.h"

#include <algorithm>

#include <openssl/sha.h>

#include <weir/base/bytes.h>
#include <weir/base/log.h>
#include <weir/net/socket_address.h>

namespace weir::admin {

namespace {

/// Without the port, and an IPv6 literal without its brackets.
std::string_view bare_host(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.rfind(':'));
}

/// What the request brings: a bearer token first, else an API key; nothing where it brings neither.
std::optional<std::string_view> credential_of(const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view authorization = request.authorization;
  if (authorization.size() > kScheme.size() &&
      equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return trim(authorization.substr(kScheme.size()));
  }
  if (!request.api_key.empty()) return request.api_key;
  if (!authorization.empty()) return std::string_view();
  return std::nullopt;
}

Answer unauthorized(std::string_view detail) {
  Answer answer = problem_answer(401, detail);
  answer.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"weir admin\"");
  return answer;
}

}  // namespace

Access::Access(const std::vector<std::string>& tokens, const net::Endpoint& endpoint)
    : configured_host_(endpoint.host), is_unix_(endpoint.kind == net::Endpoint::Kind::unix_socket) {
  for (const std::string& token : tokens) tokens_.push_back(digest_of(token));
}

std::optional<Answer> Access::refuse(const Request& request, Role role, TimePoint now) {
  if (role == Role::open) return std::nullopt;
  if (!tokens_.empty()) return refuse_credential(request, now);
  if (!is_own_name(request.host)) {
    return problem_answer(421, "Host: the admin API has no token, so it answers only to an IP address, to localhost "
                               "or to the name it is configured with (use one of these, or configure admin.tokens)");
  }
  if (role == Role::change && !request.origin.empty() && !request.origin.ends_with("//" + request.host)) {
    return problem_answer(403, "Origin: a page of another site may change nothing here (call it directly)");
  }
  return std::nullopt;
}

std::optional<Answer> Access::refuse_credential(const Request& request, TimePoint now) {
  if (is_blocked(request.client, now)) {
    Answer answer = problem_answer(429, "too many wrong credentials from this address (wait, then use the right one)");
    answer.fields.emplace_back("Retry-After", "1");
    return answer;
  }
  const auto presented = credential_of(request);
  if (!presented) return unauthorized("a token is needed (send Authorization: Bearer TOKEN, or X-API-Key: TOKEN)");
  if (is_token(*presented)) return std::nullopt;
  note_failure(request.client, now);
  log::warning("the admin API refused a credential", {{"client", request.client}, {"path", request.path}});
  return unauthorized("the credential is none of admin.tokens (send Authorization: Bearer TOKEN, or X-API-Key: TOKEN)");
}

/// Digests are compared, so that neither content nor length of a token can be found out by the time it takes.
Access::Digest Access::digest_of(std::string_view text) {
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

bool Access::is_token(std::string_view presented) const {
  const Digest digest = digest_of(presented);
  const std::string_view wanted(digest.data(), digest.size());
  bool is_one = false;
  for (const Digest& token : tokens_) is_one |= equals_in_constant_time({token.data(), token.size()}, wanted);
  return is_one;
}

bool Access::is_own_name(std::string_view authority) const {
  if (is_unix_ || authority.empty()) return true;
  const std::string_view host = bare_host(authority);
  if (equals_ignoring_case(host, "localhost") || equals_ignoring_case(host, configured_host_)) return true;
  return net::SocketAddress::is_literal(
      {.kind = net::Endpoint::Kind::tcp, .host = std::string(host), .port = 0, .path = {}});
}

bool Access::is_blocked(const std::string& client, TimePoint now) const {
  const auto found = failures_.find(client);
  return found != failures_.end() && found->second.empty_at - now > (kBurst - 1) * kRefill;
}

void Access::note_failure(const std::string& client, TimePoint now) {
  if (failures_.size() >= kMaxClients && !failures_.contains(client)) {
    std::erase_if(failures_, [&](const auto& entry) { return entry.second.empty_at <= now; });
    // All of them are at it: whoever is nearest to being forgiven makes room.
    if (failures_.size() >= kMaxClients) {
      failures_.erase(std::min_element(failures_.begin(), failures_.end(), [](const auto& a, const auto& b) {
        return a.second.empty_at < b.second.empty_at;
      }));
    }
  }
  TimePoint& empty_at = failures_[client].empty_at;
  empty_at = std::max(empty_at, now) + kRefill;
}

}  // namespace weir::admin
