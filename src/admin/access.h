#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weir/admin/admin_options.h>
#include <weir/stats/window.h>

#include "caller.h"
#include "credentials.h"
#include "failure_limit.h"
#include "logins.h"
#include "message.h"
#include "own_names.h"

namespace weir::admin {

/// What a call may do, hence who may make it.
enum class Role : std::uint8_t {
  open,  ///< shows nothing of anybody's: anybody, always, under any name. Liveness, readiness
  page,  ///< what the page needs before anybody is known, its files and its log-in: anybody but a page of another site
  read,  ///< only looks: a credential with Grant::viewer or Grant::admin, where one is configured
  send,  ///< adds to what is known: one with Grant::ingest or Grant::admin, and no page of another site
  change,  ///< changes what others see: a credential with Grant::admin, and no page of another site. Each is logged
};

/// Who may ask.
///
/// With credentials configured, tokens or JWTs: whoever sends one, as `Authorization: Bearer` or `X-API-Key`, or the
/// cookie of a log-in that was made with one. Without: anybody who can connect. What a browser sends by itself, a
/// cookie or nothing at all, counts only from weir's own page: under a name of weir's own, and for a change marked by
/// `X-Weir-Request: 1`, which no other page can send without asking first (CORS), and asking is refused.
class Access {
 public:
  /// `jwt`: null where none are taken.
  explicit Access(const AdminOptions& options, JwtVerifierPtr jwt = nullptr);
  /// After a reload. Log-ins whose credential is gone are over; who failed too often is not forgiven.
  void reconfigure(const AdminOptions& options, JwtVerifierPtr jwt = nullptr);

  /// Nothing: it may, and `request.caller` says who it is. Else the answer that says why not.
  std::optional<Answer> refuse(Request& request, Role role, const stats::Moment& now);

  /// Neither: nobody said who it is.
  struct Finding {
    std::optional<Caller> caller;
    std::optional<Answer> refusal;  ///< a wrong credential, or too many of them
  };
  /// Who makes the call, by what it brings.
  Finding identify(const Request& request, const stats::Moment& now);
  /// Whose credential `presented` is.
  Finding check(std::string_view presented, const Request& request, const stats::Moment& now);

  /// The `Set-Cookie` of a new log-in, which lasts as configured and no longer than the credential. `caller.ends`
  /// becomes its end.
  std::string log_in(Caller& caller, const stats::Moment& now);
  /// The `Set-Cookie` that takes it away.
  std::string log_out(const Request& request);
  bool needs_credential() const { return credentials_.are_needed(); }
  /// Whether what `caller` was admitted by would still do: a reload may have taken it away.
  bool still_admits(const Caller& caller) const;

 private:
  std::optional<Answer> refuse_browser(const Request& request, Role role, Caller::By by) const;

  AdminOptions options_;
  OwnNames own_names_;
  Credentials credentials_;
  FailureLimit failures_;
  Logins logins_;
};

/// What the head brings: a bearer token first, else an API key; empty where it brings neither.
std::string_view credential_of(const Request& request);
/// 401 (RFC 6750 section 3). `error`: `invalid_token`, or empty where nothing was brought.
Answer unauthorized(std::string_view detail, std::string_view error = {});

}  // namespace weir::admin
