#include <string>
#include <utility>

#include <fmt/format.h>

#include <weir/base/json_writer.h>
#include <weir/base/log.h>

#include "handlers.h"
#include "object_reader.h"

namespace weir::admin {
namespace {

/// More than any head could bring.
constexpr std::size_t kLongestToken = 16 * 1024;

stats::Moment moment() { return {Clock::now(), WallClock::now()}; }

/// `{"token": "..."}`
Result<std::string> token_in(std::string_view body) {
  simdjson::dom::parser parser;
  const Result<simdjson::dom::element> root = parse_body(parser, body);
  if (!root) return root.error();
  ObjectReader reader(root.value(), "");
  if (reader.is_ok() && !reader.has("token")) {
    reader.refuse("token", "is missing", "write {\"token\":\"...\"}, or send it in the Authorization header");
  }
  std::string token = reader.text("token", kLongestToken).value_or("");
  reader.refuse_others("token");
  if (!reader.is_ok()) return Error{reader.problem()};
  return token;
}

Answer no_content(std::string set_cookie) {
  Answer answer{204, {}, {}, {}};
  answer.fields.emplace_back("Set-Cookie", std::move(set_cookie));
  return answer;
}

/// Where the end of it will be on the wall clock, as that is now.
WallTime end_of(const Caller& caller, const stats::Moment& now) {
  return now.wall + std::chrono::duration_cast<WallTime::duration>(*caller.time_left(now));
}

std::string login_json(bool is_required, const std::optional<Caller>& caller, const stats::Moment& now) {
  std::string out;
  JsonWriter json(out);
  const bool is_known = caller && caller->by != Caller::By::nothing;
  json.begin_object().member("required", is_required).member("authenticated", is_known);
  json.key("role");
  caller ? json.value(label(caller->grant)) : json.null();
  json.key("name");
  is_known ? json.value(caller->name) : json.null();
  json.key("expires");
  caller && caller->time_left(now) ? json.value(rfc3339(end_of(*caller, now))) : json.null();
  json.end_object();
  return out;
}

}  // namespace

void get_login(Desk& desk, const Request& request, Reply reply) {
  const stats::Moment now = moment();
  Access::Finding found = desk.access().identify(request, now);
  if (found.refusal) return reply(std::move(*found.refusal));
  reply(json_answer(login_json(desk.access().needs_credential(), found.caller, now)));
}

void post_login(Desk& desk, const Request& request, Reply reply) {
  Access& access = desk.access();
  if (!access.needs_credential()) {
    return reply(problem_answer(409, "no credential is configured, so there is nothing to log in to (just call it)"));
  }
  std::string presented(credential_of(request));
  if (presented.empty() && !request.body.empty()) {
    const Result<std::string> token = token_in(request.body);
    if (!token) return reply(problem_answer(400, token.error().message));
    presented = token.value();
  }
  if (presented.empty()) {
    return reply(
        unauthorized("a token is needed to log in (send it as {\"token\": \"...\"}, or in the Authorization header)"));
  }
  const stats::Moment now = moment();
  Access::Finding found = access.check(presented, request, now);
  if (found.refusal) return reply(std::move(*found.refusal));
  if (found.caller->grant == Grant::ingest) {
    return reply(problem_answer(403, fmt::format("{} sees nothing, so there is no page for it (use another credential)",
                                                 found.caller->name)));
  }
  Answer answer = no_content(access.log_in(*found.caller, now));
  log::info("admin log-in", {{"who", found.caller->name},
                             {"role", label(found.caller->grant)},
                             {"client", request.client},
                             {"until", rfc3339(end_of(*found.caller, now))}});
  reply(std::move(answer));
}

void delete_login(Desk& desk, const Request& request, Reply reply) {
  const Access::Finding found = desk.access().identify(request, moment());
  if (found.caller && found.caller->by == Caller::By::login) {
    log::info("admin log-out", {{"who", found.caller->name}, {"client", request.client}});
  }
  reply(no_content(desk.access().log_out(request)));
}

}  // namespace weir::admin
