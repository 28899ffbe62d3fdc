#include "access.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/base/log.h>
#include <weir/base/network.h>

#include "foreign_page.h"

namespace weir::admin {
namespace {

constexpr std::string_view kCookie = "weir_session";
constexpr std::string_view kSend = "send Authorization: Bearer TOKEN, or X-API-Key: TOKEN";

/// Programs of this machine share its address: one that keeps failing must not lock the others out.
bool is_this_machine(std::string_view client) {
  static const Network kLoopback = Network::parse("127.0.0.0/8").value();
  if (client == "unix:" || client == "::1") return true;
  const auto address = IpAddress::parse(client);
  return address && kLoopback.holds(*address);
}

/// Calls `each(value)` for every cookie of ours; a browser may hold several under one name (RFC 6265 section 5.4).
template <class Each>
void each_secret(const Request& request, Each each) {
  split(request.cookie, ';', [&](std::string_view pair) {
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && trim(pair.substr(0, equals)) == kCookie) {
      each(trim(pair.substr(equals + 1)));
    }
  });
}

std::string cookie_of(std::string_view secret, std::chrono::seconds age, bool is_tls) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", kCookie, secret, age.count(),
                     is_tls ? "; Secure" : "");
}

Answer too_many_failures(Nanos wait) {
  Answer answer = problem_answer(429, "too many wrong credentials from this address (wait, then use the right one)");
  answer.fields.emplace_back("Retry-After", fmt::format("{}", std::chrono::ceil<std::chrono::seconds>(wait).count()));
  return answer;
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
  each_secret(request, [&](std::string_view secret) {
    if (!found.caller) found.caller = logins_.find(secret, now);
  });
  return found;
}

Access::Finding Access::check(std::string_view presented, const Request& request, const stats::Moment& now) {
  const Nanos wait = failures_.wait(request.client, now.clock);
  const bool is_blocked = wait > Nanos::zero();
  if (is_blocked && !is_this_machine(request.client)) return {{}, too_many_failures(wait)};
  Result<Caller> caller = credentials_.find(presented, now.wall);
  if (caller) return {std::move(caller).value(), {}};
  if (is_blocked) return {{}, too_many_failures(wait)};
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
    return problem_answer(421,
                          "Host: browsers may call this API by an IP address, by localhost and by what admin.hosts "
                          "names (use one of these, or add the name to admin.hosts)");
  }
  const bool is_look = request.method == Method::get || request.method == Method::head;
  const bool writes = role == Role::change || role == Role::send;
  const bool changes = writes || (role == Role::page && !is_look);
  if (is_from_foreign_page(request, changes)) {
    return problem_answer(403, "Origin: no page of another site may do this (call it directly)");
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
  each_secret(request, [&](std::string_view secret) { logins_.remove(secret); });
  return cookie_of({}, 0s, options_.tls.is_on());
}

}  // namespace weir::admin
