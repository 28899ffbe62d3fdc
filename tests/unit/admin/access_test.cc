#include "access.h"

#include <doctest/doctest.h>

#include <weir/base/log.h>

using namespace weir;
using admin::Access;
using admin::AdminOptions;
using admin::FailureLimit;
using admin::Grant;
using admin::Role;

namespace {

const stats::Moment kNow{TimePoint(1000s), WallTime(1'800'000'000s)};

stats::Moment later(Nanos by) {
  return {kNow.clock + by, kNow.wall + std::chrono::duration_cast<WallClock::duration>(by)};
}

AdminOptions options_with(std::vector<admin::TokenOptions> tokens) {
  log::configure(log::Level::error, log::Format::text);
  AdminOptions options;
  options.tokens = std::move(tokens);
  return options;
}

AdminOptions one_token() { return options_with({{"one", "", Grant::admin}}); }
AdminOptions of_both_grants() {
  return options_with({{"look", "grafana", Grant::viewer}, {"do", "ops", Grant::admin}});
}

int status_for(Access& access, admin::Request request, Role role = Role::read, const stats::Moment& now = kNow) {
  const auto refusal = access.refuse(request, role, now);
  return refusal ? refusal->status : 200;
}

admin::Request with_key(std::string key, std::string client = "192.0.2.1") {
  admin::Request request;
  request.method = Method::get;
  request.api_key = std::move(key);
  request.client = std::move(client);
  return request;
}

/// What a browser sends that is logged in with `token`.
admin::Request logged_in(Access& access, const char* token, const stats::Moment& now = kNow) {
  auto caller = access.check(token, {}, now).caller;
  REQUIRE(caller);
  const std::string cookie = access.log_in(*caller, now);
  admin::Request request;
  request.method = Method::get;
  request.cookie = "theme=dark; " + cookie.substr(0, cookie.find(';'));
  request.host = "127.0.0.1:9900";
  request.client = "127.0.0.1";
  return request;
}

}  // namespace

TEST_CASE("Access: any one of the tokens opens, nothing like it does") {
  Access access(options_with({{"one", "", Grant::admin}, {"another", "", Grant::admin}}));
  CHECK(status_for(access, with_key("one")) == 200);
  CHECK(status_for(access, with_key("another")) == 200);
  for (const char* wrong : {"", "on", "one ", "ones", "ONE", "oneanother"}) {
    CAPTURE(wrong);
    CHECK(status_for(access, with_key(wrong)) == 401);
  }
  admin::Request request;
  for (const char* right : {"Bearer one", "bearer one", "BEARER  another "}) {
    request.authorization = right;
    CHECK(status_for(access, request) == 200);
  }
  for (const char* wrong : {"Bearer", "Bearer ", "Basic one", "one", "Bearerone"}) {
    request.authorization = wrong;
    CHECK(status_for(access, request) == 401);
  }
}

TEST_CASE("Access: a hashed token opens as the plain one does, its hash does not") {
  const std::string hash = admin::TokenHash::of("one").to_string();
  Access access(options_with({{hash, "", Grant::admin}}));
  CHECK(status_for(access, with_key("one")) == 200);
  CHECK(status_for(access, with_key("two")) == 401);
  CHECK(status_for(access, with_key(hash)) == 401);
}

TEST_CASE("Access: a hash that is none opens nothing, and closes") {
  Access access(options_with({{"sha256:broken", "", Grant::admin}}));
  CHECK(status_for(access, with_key("sha256:broken")) == 401);
  CHECK(status_for(access, {}) == 401);
}

TEST_CASE("Access: a refusal says in the header what was missing or wrong") {
  Access access(one_token());
  admin::Request request;
  CHECK(access.refuse(request, Role::read, kNow)->fields.at(0).second == "Bearer realm=\"weir admin\"");
  request = with_key("wrong");
  CHECK(access.refuse(request, Role::read, kNow)->fields.at(0).second ==
        "Bearer realm=\"weir admin\", error=\"invalid_token\"");
}

TEST_CASE("Access: probes pass without a token, changes do not") {
  Access access(one_token());
  CHECK(status_for(access, {}, Role::open) == 200);
  CHECK(status_for(access, {}, Role::read) == 401);
  CHECK(status_for(access, {}, Role::change) == 401);
}

TEST_CASE("Access: who sends may do nothing else, and who looks may not send") {
  Access access(options_with({{"send", "shop", Grant::ingest}, {"look", "", Grant::viewer}, {"do", "", Grant::admin}}));
  CHECK(status_for(access, with_key("send"), Role::send) == 200);
  CHECK(status_for(access, with_key("send"), Role::read) == 403);
  CHECK(status_for(access, with_key("send"), Role::change) == 403);
  CHECK(status_for(access, with_key("look"), Role::send) == 403);
  CHECK(status_for(access, with_key("do"), Role::send) == 200);
  CHECK(status_for(access, {}, Role::send) == 401);
}

TEST_CASE("Access: a viewer looks and changes nothing") {
  Access access(of_both_grants());
  CHECK(status_for(access, with_key("look")) == 200);
  CHECK(status_for(access, with_key("look"), Role::change) == 403);
  CHECK(status_for(access, with_key("do"), Role::change) == 200);
  admin::Request request = with_key("look");
  access.refuse(request, Role::change, kNow);
  CHECK(request.caller.name == "grafana");
}

TEST_CASE("Access: who keeps guessing has to wait, others do not") {
  Access access(one_token());
  for (int i = 0; i < FailureLimit::kBurst; ++i) CHECK(status_for(access, with_key("guess")) == 401);
  admin::Request guess = with_key("guess");
  const auto refusal = access.refuse(guess, Role::read, kNow);
  CHECK(refusal->status == 429);
  CHECK(refusal->fields.at(0) == std::pair<std::string, std::string>("Retry-After", "1"));
  CHECK(status_for(access, with_key("one")) == 429);
  CHECK(status_for(access, with_key("one", "192.0.2.2")) == 200);
  CHECK(status_for(access, with_key("one"), Role::read, later(2s)) == 200);
}

TEST_CASE("Access: a program of this machine that keeps failing locks no other one out") {
  for (const char* client : {"127.0.0.1", "127.8.0.1", "::1", "unix:"}) {
    Access access(one_token());
    CAPTURE(client);
    for (int i = 0; i < FailureLimit::kBurst; ++i) CHECK(status_for(access, with_key("guess", client)) == 401);
    CHECK(status_for(access, with_key("guess", client)) == 429);
    CHECK(status_for(access, with_key("one", client)) == 200);
  }
}

TEST_CASE("Access: to bring no token at all is no guess") {
  Access access(one_token());
  for (int i = 0; i < 3 * FailureLimit::kBurst; ++i) CHECK(status_for(access, {}) == 401);
  CHECK(status_for(access, with_key("one")) == 200);
}

TEST_CASE("Access: without tokens the name that is called must be this machine's") {
  AdminOptions options;
  options.hosts = {"weir.internal"};
  Access access(options);
  admin::Request request;
  for (const char* own : {"", "localhost", "LOCALHOST:9900", "127.0.0.1:9900", "[::1]:9900", "Weir.Internal:80"}) {
    CAPTURE(own);
    request.host = own;
    CHECK(status_for(access, request) == 200);
  }
  request.host = "evil.example:9900";
  CHECK(status_for(access, request) == 421);
  CHECK(status_for(access, request, Role::page) == 421);
  CHECK(status_for(access, request, Role::open) == 200);
}

TEST_CASE("Access: a token that is sent counts under any name, a log-in under weir's own") {
  Access access(one_token());
  admin::Request request = with_key("one");
  request.host = "proxy.example";
  CHECK(status_for(access, request) == 200);
  request = logged_in(access, "one");
  CHECK(status_for(access, request) == 200);
  request.host = "evil.example";
  CHECK(status_for(access, request) == 421);
}

TEST_CASE("Access: beyond loopback a log-in counts under whatever name it was made") {
  AdminOptions options = one_token();
  options.address.host = "0.0.0.0";
  Access access(options);
  admin::Request request = logged_in(access, "one");
  request.host = "weir.internal:9900";
  CHECK(status_for(access, request) == 200);
}

TEST_CASE("Access: a page of another origin changes nothing") {
  Access access{AdminOptions()};
  admin::Request request;
  request.method = Method::post;
  request.host = "localhost:9900";
  CHECK(status_for(access, request, Role::change) == 200);
  request.origin = "http://localhost:9900";
  CHECK(status_for(access, request, Role::change) == 200);
  request.origin = "http://localhost:3000";
  CHECK(status_for(access, request, Role::change) == 403);
  CHECK(status_for(access, request, Role::read) == 200);
}

TEST_CASE("Access: the page behind a proxy that sends its own Host changes something where admin.hosts names it") {
  AdminOptions options;
  Access closed{options};
  admin::Request request;
  request.method = Method::post;
  request.host = "127.0.0.1:9900";
  request.origin = "https://mon.example";
  const auto refusal = closed.refuse(request, Role::change, kNow);
  REQUIRE(refusal);
  CHECK(refusal->status == 403);
  CHECK(refusal->body.find("Origin: https://mon.example is not Host 127.0.0.1:9900: ") != std::string::npos);
  CHECK(refusal->body.find("have the proxy pass Host on, or name mon.example in admin.hosts") != std::string::npos);
  options.hosts = {"mon.example"};
  Access open{options};
  CHECK(status_for(open, request, Role::change) == 200);
  CHECK(status_for(open, request, Role::page) == 200);
  request.host = "mon.example";
  CHECK(status_for(open, request, Role::change) == 200);
  // That names stand in admin.hosts makes no other page of this machine the operator's.
  for (const char* origin : {"http://localhost:3000", "http://127.0.0.1:3000", "https://evil.example", "null"}) {
    CAPTURE(origin);
    request.origin = origin;
    CHECK(status_for(open, request, Role::change) == 403);
    CHECK(status_for(open, request, Role::page) == 403);
  }
}

TEST_CASE("Access: no browser is told that another site may call") {
  Access access(one_token());
  admin::Request request = with_key("one");
  request.method = Method::options;
  request.asks_for_cors = true;
  CHECK(status_for(access, request) == 403);
}

TEST_CASE("Access: a log-in looks by itself, and changes where the page marks the call") {
  Access access(of_both_grants());
  admin::Request request = logged_in(access, "do");
  CHECK(status_for(access, request) == 200);
  CHECK(status_for(access, request, Role::change) == 403);
  request.is_marked = true;
  CHECK(status_for(access, request, Role::change) == 200);
  request.fetch_site = "same-site";
  CHECK(status_for(access, request, Role::change) == 403);
  request = logged_in(access, "look");
  request.is_marked = true;
  CHECK(status_for(access, request) == 200);
  CHECK(status_for(access, request, Role::change) == 403);
}

TEST_CASE("Access: to log out by cookie needs the mark too") {
  Access access(one_token());
  admin::Request request = logged_in(access, "one");
  request.method = Method::delete_;
  CHECK(status_for(access, request, Role::page) == 403);
  request.is_marked = true;
  CHECK(status_for(access, request, Role::page) == 200);
  CHECK(access.log_out(request).find("Max-Age=0") != std::string::npos);
  CHECK(status_for(access, request) == 401);
}

TEST_CASE("Access: a token that is sent counts before the cookie does") {
  Access access(of_both_grants());
  admin::Request request = logged_in(access, "look");
  request.authorization = "Bearer do";
  CHECK(status_for(access, request, Role::change) == 200);
  request.authorization = "Bearer wrong";
  CHECK(status_for(access, request) == 401);
  // Whoever stands in front may have a scheme of its own.
  request.authorization = "Basic dXNlcg==";
  CHECK(status_for(access, request) == 200);
}

TEST_CASE("Access: a log-in ends with its time, and with its token") {
  AdminOptions options = one_token();
  options.session_lifetime = 1h;
  Access access(options);
  const admin::Request request = logged_in(access, "one");
  CHECK(status_for(access, request, Role::read, later(59min)) == 200);
  CHECK(status_for(access, request, Role::read, later(1h)) == 401);
  access.reconfigure(options);
  CHECK(status_for(access, request) == 200);
  options.tokens[0].role = Grant::viewer;
  access.reconfigure(options);
  CHECK(status_for(access, request) == 401);
}

TEST_CASE("Access: the cookie of a log-in is for this origin alone, and for no script") {
  Access access(one_token());
  auto caller = access.check("one", {}, kNow).caller;
  const std::string cookie = access.log_in(*caller, kNow);
  CHECK(cookie.starts_with("weir_session="));
  CHECK(cookie.size() > 64);
  CHECK(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200"));
  CHECK(*caller->ends == kNow.clock + 12h);
  CHECK_FALSE(caller->expires);
}

TEST_CASE("Access: under TLS the cookie is Secure and has the prefix __Host-, and no other name counts") {
  AdminOptions options = one_token();
  options.tls.certificate = "weir.pem";
  options.tls.key = "weir.key";
  Access access(options);
  auto caller = access.check("one", {}, kNow).caller;
  const std::string cookie = access.log_in(*caller, kNow);
  CHECK(cookie.starts_with("__Host-weir_session="));
  CHECK(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure"));
  const std::string pair = cookie.substr(0, cookie.find(';'));
  admin::Request request;
  request.cookie = "a=1; " + pair;
  CHECK(status_for(access, request) == 200);
  request.cookie = pair.substr(std::string_view("__Host-").size());
  CHECK(status_for(access, request) == 401);
  CHECK(access.log_out(request).starts_with("__Host-weir_session=; Path=/;"));
}

TEST_CASE("Access: wrong credentials of this machine are limited, whomever they say they are for, a right one passes") {
  for (const char* client : {"127.0.0.1", "::1", "unix:"}) {
    CAPTURE(client);
    Access access(one_token());
    admin::Request request;
    request.client = client;
    request.authorization = "Bearer wrong";
    int looked_at = 0;
    for (int i = 0; i < 200; ++i) {
      request.forwarded_for = "203.0.113." + std::to_string(i);
      if (status_for(access, request) == 401) ++looked_at;
    }
    CHECK(looked_at == FailureLimit::kBurst);
    request.forwarded_for.clear();
    CHECK(status_for(access, request) == 429);
    request.authorization = "Bearer one";
    CHECK(status_for(access, request) == 200);
  }
}

TEST_CASE("Access: a client behind a proxy of this machine is held back alone, by the last address of the list") {
  Access access(one_token());
  admin::Request request;
  request.client = "127.0.0.1";
  request.forwarded_for = "198.51.100.7, 203.0.113.9";
  request.authorization = "Bearer wrong";
  for (int i = 0; i < FailureLimit::kBurst; ++i) CHECK(status_for(access, request) == 401);
  request.authorization = "Bearer one";
  CHECK(status_for(access, request) == 429);
  request.forwarded_for = "203.0.113.9, 198.51.100.7";
  CHECK(status_for(access, request) == 200);
  request.forwarded_for.clear();
  CHECK(status_for(access, request) == 200);
}
