#include "access.h"

#include "foreign_page.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include <weir/base/bytes.h>
#include <weir/base/log.h>
#include <weir/base/network.h>
#include <weir/http/session_cookie.h>

namespace weir::admin {
namespace {

constexpr std::string_view kSend = "send Authorization: Bearer TOKEN, or X-API-Key: TOKEN";

/// Whose failures count: the address that a proxy on this machine asks for, where it names one. This makes a call
/// stricter and never laxer, so that the name needs no trust: wrong credentials count for this machine as well.
std::string_view client_of(const Request& request) {
  if (!is_this_machine(request.client) || request.forwarded_for.empty()) return request.client;
  const std::string_view list = request.forwarded_for;
  const std::string_view last = trim(list.substr(list.rfind(',') + 1));
  return IpAddress::parse(last) ? last : "forwarded";
}

/// Under TLS the other name does not count: a page of plain HTTP, or of a neighbouring host, could have set it.
std::string_view cookie_name(bool is_tls) { return is_tls ? http::kSecureSessionCookie : http::kSessionCookie; }

/// Calls `each(value)` for every cookie of ours; a browser may hold several under one name (RFC 6265 section 5.4).
template <class Each>
void each_secret(const Request& request, bool is_tls, Each each) {
  const std::string_view name = cookie_name(is_tls);
  split(request.cookie, ';', [&](std::string_view pair) {
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && trim(pair.substr(0, equals)) == name) {
      each(trim(pair.substr(equals + 1)));
    }
  });
}

std::string cookie_of(std::string_view secret, std::chrono::seconds age, bool is_tls) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", cookie_name(is_tls), secret, age.count(),
                     is_tls ? "; Secure" : "");
}

Answer too_many_failures(Nanos wait) {
  Answer answer = problem_answer(429, "too many wrong credentials from this address (wait, then use the right one)");
  answer.fields.emplace_back("Retry-After", fmt::format("{}", std::chrono::ceil<std::chrono::seconds>(wait).count()));
  return answer;
}

/// What a header said, as much of it as makes it found.
std::string_view quoted(std::string_view value) { return value.substr(0, 200); }

/// Says what makes the call one of the operator's own, where a proxy in front gave it another Host.
Answer foreign_origin(const Request& request) {
  const std::string_view name = host_of_origin(request.origin);
  if (name.empty()) {
    return problem_answer(403, fmt::format("Origin: {} is not Host {}: no page of another site may do this (open the "
                                           "page of this API itself, or call it from a program)",
                                           quoted(request.origin), quoted(request.host)));
  }
  return problem_answer(403, fmt::format("Origin: {} is not Host {}: no page of another site may do this (where that "
                                         "is a proxy of yours in front of this API: have the proxy pass Host on, or "
                                         "name {} in admin.hosts)",
                                         quoted(request.origin), quoted(request.host), quoted(name)));
}

bool opens(Grant grant, Role role) {
  switch (role) {
    case Role::open:
    case Role::page: return true;
    case Role::read: return grant != Grant::ingest;
    case Role::send: return grant != Grant::viewer;
    case Role::change: return grant == Grant::admin;
  }
  return false;
}

Answer forbidden(const Caller& caller) {
  const std::string_view limit = caller.grant == Grant::ingest ? "may send events and marks and see or change nothing"
                                                               : "may look and not change anything";
  Answer answer = problem_answer(403, fmt::format("{} {} (use a credential with the role admin)", caller.name, limit));
  answer.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"weir admin\", error=\"insufficient_scope\"");
  return answer;
}

}  // namespace

std::string_view credential_of(const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view authorization = request.authorization;
  if (authorization.size() > kScheme.size() &&
      equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return trim(authorization.substr(kScheme.size()));
  }
  return request.api_key;
}

Answer unauthorized(std::string_view detail, std::string_view error) {
  Answer answer = problem_answer(401, detail);
  std::string challenge = "Bearer realm=\"weir admin\"";
  if (!error.empty()) challenge += fmt::format(", error=\"{}\"", error);
  answer.fields.emplace_back("WWW-Authenticate", std::move(challenge));
  return answer;
}

Access::Access(const AdminOptions& options, JwtVerifierPtr jwt)
    : options_(options), own_names_(options.address, options.hosts), credentials_(options, std::move(jwt)) {}

void Access::reconfigure(const AdminOptions& options, JwtVerifierPtr jwt) {
  options_ = options;
  own_names_ = OwnNames(options.address, options.hosts);
  credentials_ = Credentials(options, std::move(jwt));
  logins_.keep([&](const Caller& caller) { return credentials_.still_admits(caller); });
}

bool Access::still_admits(const Caller& caller) const {
  return credentials_.are_needed() ? credentials_.still_admits(caller) : caller.by == Caller::By::nothing;
}

std::optional<Answer> Access::refuse(Request& request, Role role, const stats::Moment& now) {
  if (role == Role::open) return std::nullopt;
  if (request.asks_for_cors) {
    return problem_answer(403, "CORS: no page of another site may call the admin API (call it from a program)");
  }
  if (role == Role::page) {
    const bool brings_one = !credential_of(request).empty();
    return refuse_browser(request, role, brings_one ? Caller::By::credential : Caller::By::login);
  }
  Finding found = identify(request, now);
  if (found.refusal) return std::move(found.refusal);
  if (!found.caller) return unauthorized(fmt::format("a credential is needed ({})", kSend));
  request.caller = std::move(*found.caller);
  if (auto refusal = refuse_browser(request, role, request.caller.by)) return refusal;
  if (!opens(request.caller.grant, role)) return forbidden(request.caller);
  return std::nullopt;
}

Access::Finding Access::identify(const Request& request, const stats::Moment& now) {
  if (!credentials_.are_needed()) {
    return {Caller{.by = Caller::By::nothing,
                   .grant = Grant::admin,
                   .name = "anybody",
                   .proof = {},
                   .expires = {},
                   .ends = {}},
            {}};
  }
  const std::string_view presented = credential_of(request);
  if (!presented.empty()) return check(presented, request, now);
  Finding found;
  // One that is not known is no guess: it is over, or weir was restarted.
  each_secret(request, options_.tls.is_on(), [&](std::string_view secret) {
    if (!found.caller) found.caller = logins_.find(secret, now);
  });
  return found;
}

Access::Finding Access::check(std::string_view presented, const Request& request, const stats::Moment& now) {
  const std::string_view client = client_of(request);
  const Nanos wait = failures_.wait(client, now.clock);
  // Programs of this machine share its address: one that keeps failing must not lock the others out.
  if (wait > Nanos::zero() && !is_this_machine(client)) return {{}, too_many_failures(wait)};
  Result<Caller> caller = credentials_.find(presented, now.wall);
  if (caller) return {std::move(caller).value(), {}};
  if (client != request.client) failures_.note(client, now.clock);
  const Nanos shared_wait = failures_.wait(request.client, now.clock);
  if (shared_wait > Nanos::zero()) return {{}, too_many_failures(shared_wait)};
  failures_.note(request.client, now.clock);
  const std::string& reason = caller.error().message;
  log::warning("the admin API refused a credential",
               {{"client", request.client}, {"path", request.path}, {"reason", reason}});
  return {{}, unauthorized(fmt::format("{} ({})", reason, kSend), "invalid_token")};
}

std::optional<Answer> Access::refuse_browser(const Request& request, Role role, Caller::By by) const {
  // Only what a browser sends by itself can be sent by somebody else's page.
  if (by == Caller::By::credential) return std::nullopt;
  const bool is_local = options_.address.is_loopback();
  const bool is_unix = options_.address.kind == net::Endpoint::Kind::unix_socket;
  // A cookie goes to no other name than the one that it came from. Beyond loopback that leaves nothing to guard.
  if (!is_unix && (is_local || by == Caller::By::nothing) && !own_names_.hold(request.host)) {
    return problem_answer(421, fmt::format("Host: {} is not a name of this API: browsers may call it by an IP address, "
                                           "by localhost and by what admin.hosts names (use one of these, or add the "
                                           "name to admin.hosts)",
                                           quoted(request.host)));
  }
  const bool is_look = request.method == Method::get || request.method == Method::head;
  const bool writes = role == Role::change || role == Role::send;
  const bool changes = writes || (role == Role::page && !is_look);
  switch (foreign_sign(request, changes, options_.hosts)) {
    case ForeignSign::none:
      break;
    case ForeignSign::origin:
      return foreign_origin(request);
    case ForeignSign::fetch_site:
      return problem_answer(403, fmt::format("Sec-Fetch-Site: {}: no page of another site may do this (open the page "
                                             "of this API itself, or call it from a program)",
                                             quoted(request.fetch_site)));
  }
  const bool needs_mark = writes || request.method == Method::delete_;
  if (needs_mark && by == Caller::By::login && !request.is_marked) {
    return problem_answer(403, "X-Weir-Request: a change by the cookie of a log-in needs this header (send it with the "
                               "value 1, or use a token)");
  }
  return std::nullopt;
}

std::string Access::log_in(Caller& caller, const stats::Moment& now) {
  caller.ends = now.clock + std::chrono::duration_cast<Clock::duration>(options_.session_lifetime);
  const auto age = std::chrono::floor<std::chrono::seconds>(*caller.time_left(now));
  return cookie_of(logins_.add(caller, now), age, options_.tls.is_on());
}

std::string Access::log_out(const Request& request) {
  each_secret(request, options_.tls.is_on(), [&](std::string_view secret) { logins_.remove(secret); });
  return cookie_of({}, 0s, options_.tls.is_on());
}

}  // namespace weir::admin
