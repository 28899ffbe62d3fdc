#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include <weir/config/load.h>

using namespace weir;
using config::Loaded;
using config::Secrets;

namespace {

Loaded load(const std::string& yaml) {
  Loaded loaded = config::load_text(yaml, "test.yaml");
  for (const std::string& problem : loaded.problems) MESSAGE(problem);
  REQUIRE(loaded.is_ok());
  return loaded;
}

constexpr const char* kSmall = "upstreams: { app: { servers: [ http://127.0.0.1:3000 ] } }\n";

/// Every key away from its default, and texts that YAML would take for something else.
constexpr const char* kEverything = R"(
limits: { header_size: 32KiB, uri_size: 1000, header_count: 50, body_size: 1GiB, connections: 7 }
timeouts: { request_head: 1500ms, request_body: 250ms, keep_alive: 1h, drain: 0s, connect: 3s, response: 5m, idle: 2m }
measure:
  slow_threshold: 333us
  slow_log_size: 1
  error_log_size: 2
  ignore: [ /a
            , "/,", "/[x]", '/''', "/\"", "/\\", "/ä", "/${HOME:-x}$${LITERAL}" ]
  response_time_header: ""
  request_id_header: "~"
  request_id_on_response: true
  forwarded_headers: false
  ignore_user_agents: [ "null", "- x", "a: b", "{}", "a #b", "@", "true", "12", " padded " ]
  request_start_header: X-Request-Start
  server_timing: emit
  cache_headers: [ X-Inner-Cache ]
  user: { header: X-User-Id }
  tenant: { cookie: tenant }
listeners:
  - { address: "[::1]:80", upstream: app }
  - { address: unix:/run/weir.sock, upstream: b }
upstreams:
  app:
    servers: [ { url: "http://[::1]:3000", weight: 3 }, "unix:/run/app.sock", http://app, https://app, "https://[::1]:3443" ]
    tls: { verify: false, server_name: app.internal }
    balance: hash
    timeouts: { response: 1s }
    retries: 0
    max_connections: 1
  b: { servers: [ http://127.0.0.1:3000 ] }
routes:
  - match: GET /users/{id}
    group: api
  - match: /static/*
    upstream: b
    slow_threshold: 2s
route_learning: { enabled: false, max_routes: 3 }
health: { window: 1d, degraded_error_rate: 0.5%, unhealthy_error_rate: 33.3%, degraded_slow: 0, unhealthy_slow: 0 }
admin:
  address: "0.0.0.0:9900"
  tokens: [ s3cret, 'a"b\c', { token: s3cret2, name: "a: b", role: viewer } ]
  hosts: [ weir.internal ]
  session_lifetime: 1h
workers: 4
log: { level: debug, format: json, access: "-" }
)";

}  // namespace

TEST_CASE("print: loads back to the same, whatever it holds") {
  setenv("HOME", "/$home", 1);
  for (const char* yaml : {kSmall, kEverything}) {
    const std::string once = config::print(load(yaml).options, Secrets::shown);
    const std::string twice = config::print(load(once).options, Secrets::shown);
    CHECK(once == twice);
  }
}

TEST_CASE("print: shows every value that was read") {
  setenv("HOME", "/$home", 1);
  const config::Options options = load(config::print(load(kEverything).options, Secrets::shown)).options;
  CHECK(options.measure.ignore.at(0) == "/a");
  CHECK(options.measure.ignore.at(3) == "/'");
  CHECK(options.measure.ignore.at(4) == "/\"");
  CHECK(options.measure.ignore.at(5) == "/\\");
  CHECK(options.measure.ignore.at(7) == "//$home${LITERAL}");
  CHECK(options.measure.ignore_user_agents.at(0) == "null");
  CHECK(options.measure.ignore_user_agents.at(8) == " padded ");
  CHECK(options.measure.server_timing == stats::ServerTimingUse::emit);
  CHECK(options.measure.cache_headers == std::vector<std::string>{"X-Inner-Cache"});
  CHECK(options.admin.tokens.at(1).token == "a\"b\\c");
  CHECK(options.admin.tokens.at(2).name == "a: b");
  CHECK(options.admin.tokens.at(2).role == admin::Grant::viewer);
  CHECK(options.admin.session_lifetime == 1h);
  CHECK(options.limits.body_size == 1ULL << 30);
  CHECK(options.timeouts.request_body == 250ms);
  CHECK(options.upstreams.at(0).servers.at(0).weight == 3);
  CHECK(options.upstreams.at(0).servers.at(2).url() == "http://app:80");
  CHECK(options.upstreams.at(0).servers.at(3).url() == "https://app:443");
  CHECK(options.upstreams.at(0).servers.at(4).url() == "https://[::1]:3443");
  CHECK(!options.upstreams.at(0).tls.verify);
  CHECK(options.upstreams.at(0).tls.server_name == "app.internal");
  CHECK(options.health.unhealthy_error_rate == 33.3);
  CHECK(options.workers == 4);
}

TEST_CASE("print: masks secrets when asked to") {
  const config::Options options = load(kEverything).options;
  const std::string masked = config::print(options, Secrets::masked);
  CHECK(masked.find("s3cret") == std::string::npos);
  CHECK(masked.find("- token: \"********\"") != std::string::npos);
  CHECK(config::print(options, Secrets::shown).find("s3cret") != std::string::npos);
}

TEST_CASE("print: in place of a secret stands the variable that it comes from, or its hash") {
  setenv("WEIR_PRINT_TEST", "s3cret", 1);
  const std::string hash = "sha256:92d9d55af26e080ed344bd2f962004b4:c2868c7e5fc7dac85286d9a680ec3fc798065b79c9796343b742f574c36e5f8f";
  const config::Options options = load("upstreams: { app: { servers: [ \"http://a\" ] } }\n"
                                       "listeners: [ { address: 127.0.0.1:80 } ]\n"
                                       "admin: { tokens: [ \"${WEIR_PRINT_TEST}\", \"" + hash +
                                       "\", \"${WEIR_PRINT_TEST:-other}\" ] }\n").options;
  const std::string masked = config::print(options, Secrets::masked);
  CHECK(masked.find("- token: ${WEIR_PRINT_TEST}\n") != std::string::npos);
  CHECK(masked.find("- token: " + hash + "\n") != std::string::npos);
  CHECK(masked.find("- token: \"********\"\n") != std::string::npos);
  CHECK(config::print(options, Secrets::shown).find("${WEIR_PRINT_TEST}") == std::string::npos);
  // The admin API's answer holds none of them.
  CHECK(config::print_json(options, Secrets::masked).find("WEIR_PRINT_TEST") == std::string::npos);
  CHECK(config::print_json(options, Secrets::masked).find(hash) == std::string::npos);
}

TEST_CASE("print: what falls back on another section is printed with what it falls back on") {
  const config::Options options = load(kEverything).options;
  CHECK(options.upstreams.at(0).timeouts.connect == 3s);
  CHECK(options.upstreams.at(0).timeouts.response == 1s);
  CHECK(options.upstreams.at(1).timeouts.response == 5min);
  CHECK(options.routes.at(0).slow_threshold == 333us);
  CHECK(options.routes.at(1).slow_threshold == 2s);
}

TEST_CASE("print: the headers of health checks may be credentials, so their values are masked") {
  setenv("WEIR_TEST_PROBE", "Bearer abc", 1);
  const Loaded loaded = config::load_text(
      "upstreams:\n"
      "  app:\n"
      "    servers: [ http://127.0.0.1:3000 ]\n"
      "    health_check:\n"
      "      host: shop.example\n"
      "      headers: { X-Forwarded-Proto: https, Authorization: \"${WEIR_TEST_PROBE}\" }\n"
      "      expect: [ 200-299, 401 ]\n",
      "test.yaml");
  unsetenv("WEIR_TEST_PROBE");
  REQUIRE(loaded.problems == std::vector<std::string>{});
  CHECK(loaded.options.upstreams[0].health_check.headers[1].value == "Bearer abc");
  CHECK(loaded.options.upstreams[0].health_check.expects(401));
  CHECK_FALSE(loaded.options.upstreams[0].health_check.expects(302));
  const std::string masked = config::print(loaded.options, config::Secrets::masked);
  CHECK(masked.find("      headers:\n"
                    "        X-Forwarded-Proto: \"********\"\n"
                    "        Authorization: ${WEIR_TEST_PROBE}\n"
                    "      expect:\n"
                    "        - 200-299\n"
                    "        - 401\n") != std::string::npos);
  const Loaded again = config::load_text(config::print(loaded.options, config::Secrets::shown), "again.yaml");
  REQUIRE(again.is_ok());
  CHECK(again.options.upstreams[0].health_check.headers[0].value == "https");
  CHECK(config::print_json(loaded.options, config::Secrets::masked).find("Bearer") == std::string::npos);
}
