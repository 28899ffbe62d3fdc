#include <weir/app/command_line.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace weir;
using app::CommandLine;
using app::Verb;

namespace {

Result<CommandLine> parse(const std::vector<const char*>& arguments) { return app::parse_command_line(arguments); }

CommandLine parsed(const std::vector<const char*>& arguments) {
  unsetenv("WEIR_CONFIG");
  const Result<CommandLine> line = parse(arguments);
  REQUIRE_MESSAGE(line.is_ok(), line.error().message);
  return line.value();
}

std::string refused(const std::vector<const char*>& arguments) {
  unsetenv("WEIR_CONFIG");
  const Result<CommandLine> line = parse(arguments);
  REQUIRE_FALSE(line.is_ok());
  return line.error().message;
}

constexpr const char* kTwoUpstreams =
    "listeners: [ { address: 127.0.0.1:8080, upstream: b }, { address: 127.0.0.1:8081, upstream: a } ]\n"
    "upstreams:\n"
    "  a: { servers: [ http://127.0.0.1:3000 ] }\n"
    "  b: { servers: [ http://127.0.0.1:3001 ] }\n"
    "routes: [ { match: /a, upstream: a } ]\n"
    "timeouts: { connect: 3s }\n"
    "workers: 2\n";

config::Loaded loaded_with(const CommandLine& line) {
  return config::load_text(kTwoUpstreams, "test.yaml", [&](config::Options& options) { app::apply(line, options); });
}

}  // namespace

TEST_CASE("command line: flags with a space, an equals sign, or a letter") {
  const CommandLine line = parsed({"run", "-c", "a.yaml", "--listen", "127.0.0.1:1", "--listen=[::1]:2", "--upstream",
                                   "http://app", "--admin=unix:/run/admin.sock", "--workers", "4"});
  CHECK(line.verb == Verb::run);
  CHECK(line.config == "a.yaml");
  REQUIRE(line.listen.size() == 2);
  CHECK(line.listen[1].to_string() == "[::1]:2");
  CHECK(line.upstream->url() == "http://app:80");
  CHECK(line.admin->to_string() == "unix:/run/admin.sock");
  CHECK(line.workers == 4U);
  CHECK(parsed({"check", "-ca.yaml", "--print"}).prints);
  CHECK(parsed({"check", "--config=a=b.yaml"}).config == "a=b.yaml");
  CHECK(parsed({"run", "-c", "a", "--workers", "auto"}).workers == 0U);
  CHECK(parsed({"version"}).verb == Verb::version);
  CHECK(parsed({"--version"}).verb == Verb::version);
  CHECK(parsed({"-V"}).verb == Verb::version);
  CHECK(parsed({"learn", "--tags", "--", "--odd.log"}).operand == "--odd.log");
}

TEST_CASE("command line: a mistake is one sentence that names what, where and the mend") {
  CHECK(refused({}) == "a command is missing (weir --help shows them)");
  CHECK(refused({"rnu"}) == "\"rnu\" is no command (did you mean run?)");
  CHECK(refused({"serve"}) == "\"serve\" is no command (weir --help shows them)");
  CHECK(refused({"--upstream", "http://a"}) ==
        "a command is missing before --upstream (did you mean weir run --upstream?)");
  CHECK(refused({"run", "--upsteam", "http://a"}) == "run: \"--upsteam\" is no flag of it (did you mean --upstream?)");
  CHECK(refused({"run", "--frobnicate"}) == "run: \"--frobnicate\" is no flag of it (weir run --help shows them)");
  CHECK(refused({"run", "-x"}) == "run: \"-x\" is no flag of it (weir run --help shows them)");
  CHECK(refused({"check", "--listen", "a:1"}) == "check: \"--listen\" is no flag of it (weir check --help shows them)");
  CHECK(refused({"run", "--listen"}) == "run: --listen has no value (write --listen ADDR)");
  CHECK(refused({"run", "--listen", "8080x"}) ==
        "run: --listen: \"8080x\" has no port (write host:port, [v6]:port or unix:/path, or a port alone)");
  CHECK(refused({"run", "--upstream", "app"}) ==
        "run: --upstream: \"app\" does not begin with http://, https:// or unix: "
        "(write http://host:port, https://host:port, unix:/path or a port of this machine)");
  CHECK(refused({"run", "--workers", "0"}) ==
        "run: --workers: \"0\" is no number of workers (write 1 to 1024, or auto)");
  CHECK(refused({"check", "--print=yes", "-c", "a"}) == "check: --print takes no value (leave \"yes\" out)");
  CHECK(refused({"run", "weir.yaml"}) == "run: \"weir.yaml\" has no place here (did you mean -c weir.yaml?)");
  CHECK(refused({"run", "app"}) == "run: \"app\" has no place here (weir run --help shows what has)");
  CHECK(
      refused({"run", "--listen", "app.internal:80"}) ==
      "run: --listen: \"app.internal:80\" has a name where an IP address of this machine has to stand, 0.0.0.0 or [::] "
      "for all (write host:port, [v6]:port or unix:/path, or a port alone)");
  CHECK(refused({"run", "-c", ""}) == "run: -c: the file name is empty (write -c weir.yaml)");
  CHECK(refused({"run"}) ==
        "run: there is nothing to forward to (write --upstream http://127.0.0.1:3000, or -c FILE)");
  CHECK(refused({"check"}) == "check: there is no file to check (write -c FILE, or set WEIR_CONFIG)");
}

TEST_CASE("command line: WEIR_CONFIG serves where -c is left out") {
  setenv("WEIR_CONFIG", "env.yaml", 1);
  CHECK(parse({"check"}).value().config == "env.yaml");
  CHECK(parse({"check", "-c", "a.yaml"}).value().config == "a.yaml");
  setenv("WEIR_CONFIG", "", 1);
  CHECK_FALSE(parse({"check"}).is_ok());
  unsetenv("WEIR_CONFIG");
}

TEST_CASE("command line: help names every command and flag") {
  const std::string help = parsed({"--help"}).help;
  for (const char* word : {"weir run [-c FILE] [--listen ADDR]... [--upstream URL] [--admin ADDR] [--workers N]",
                           "weir check [-c FILE] [--print]", "weir version", "WEIR_CONFIG"}) {
    CHECK_MESSAGE(help.find(word) != std::string::npos, word);
  }
  CHECK(parsed({"-h"}).help == help);
  CHECK(parsed({"help"}).help == help);
  CHECK(parsed({"run", "--help"}).help == parsed({"help", "run"}).help);
  CHECK(parsed({"run", "--upstream", "http://a", "-h"}).verb == Verb::help);
  CHECK(refused({"help", "chekc"}) == "\"chekc\" is no command (did you mean check?)");
}

TEST_CASE("command line: without a file the flags and the defaults are enough") {
  const config::Loaded loaded = app::load_options(parsed({"run", "--upstream", "http://127.0.0.1:3000"}));
  REQUIRE(loaded.is_ok());
  CHECK(loaded.options.listeners.at(0).address.to_string() == "0.0.0.0:8080");
  CHECK(loaded.options.listeners.at(0).upstream == "app");
  CHECK(loaded.options.admin.address.to_string() == "127.0.0.1:9900");
  CHECK(loaded.options.upstreams.at(0).servers.at(0).url() == "http://127.0.0.1:3000");
}

TEST_CASE("command line: flags win over the file") {
  const config::Loaded file = loaded_with({});
  REQUIRE(file.is_ok());
  CHECK(file.options.listeners.size() == 2);

  const config::Loaded listen = loaded_with(parsed({"run", "-c", "x", "--listen", "127.0.0.1:9", "--workers", "auto"}));
  REQUIRE(listen.is_ok());
  REQUIRE(listen.options.listeners.size() == 1);
  CHECK(listen.options.listeners[0].address.to_string() == "127.0.0.1:9");
  CHECK(listen.options.listeners[0].upstream == "b");
  CHECK(listen.options.workers == 0);

  const config::Loaded upstream = loaded_with(parsed({"run", "-c", "x", "--upstream", "unix:/run/app.sock"}));
  REQUIRE(upstream.is_ok());
  REQUIRE(upstream.options.upstreams.size() == 1);
  CHECK(upstream.options.upstreams[0].timeouts.connect == 3s);
  CHECK(upstream.options.listeners.at(1).upstream == "app");
  CHECK(upstream.options.routes.at(0).upstream.empty());

  const config::Loaded admin = loaded_with(parsed({"run", "-c", "x", "--admin", "0.0.0.0:1"}));
  CHECK(admin.problems.size() == 1);
}

TEST_CASE("command line: learn takes one file and nothing else without a dash") {
  const app::CommandLine tags = parsed({"learn", "--tags", "access.log"});
  CHECK(tags.verb == app::Verb::learn);
  CHECK(tags.prints_tags);
  CHECK(tags.operand == "access.log");
  CHECK(parsed({"learn", "-"}).operand == "-");
  CHECK_FALSE(app::parse_command_line(std::array{"learn"}));
  CHECK_FALSE(app::parse_command_line(std::array{"learn", "a", "b"}));
  CHECK_FALSE(app::parse_command_line(std::array{"check", "-c", "x", "a"}));
}

TEST_CASE("command line: what asks the admin API takes the flags that it can use, and no others") {
  const app::CommandLine line = parsed({"stats", "--window", "5m", "--route=/users/{id}", "--method", "get", "--sort",
                                        "P99_duration", "--limit", "3", "--admin", "https://weir.internal/a",
                                        "--token-file", "t", "--json", "--color", "never", "--timeout", "0.5"});
  CHECK(line.verb == Verb::stats);
  CHECK(line.client.parameters == verbs::Parameters{{"window", "5m"}, {"route", "/users/{id}"}, {"method", "GET"},
                                                    {"sort", "p99_duration"}, {"limit", "3"}});
  CHECK(line.client.admin->to_string() == "https://weir.internal:443/a");
  CHECK(line.client.token_file == "t");
  CHECK(line.client.as_json);
  CHECK(line.client.colour == verbs::Colour::never);
  CHECK(line.client.timeout == 500ms);
  CHECK(parsed({"stats", "--window", "1m", "--window", "1h"}).client.parameters == verbs::Parameters{{"window", "1h"}});
  CHECK(parsed({"slow", "--sort", "slowest", "--min", "1.5s"}).client.parameters ==
        verbs::Parameters{{"order", "slowest"}, {"min", "1.5s"}});
  CHECK(parsed({"stats", "--sort", "P99"}).client.parameters == verbs::Parameters{{"sort", "p99_duration"}});
  CHECK(parsed({"stats", "--sort", "requests"}).client.parameters == verbs::Parameters{{"sort", "total_requests"}});
  CHECK(parsed({"stats", "--sort", "errors"}).client.parameters == verbs::Parameters{{"sort", "total_errors"}});
  CHECK(parsed({"errors", "--sort=duration"}).client.parameters == verbs::Parameters{{"order", "slowest"}});
  CHECK(parsed({"tap", "--status", "429,5xx"}).client.parameters == verbs::Parameters{{"status", "429,5xx"}});
  CHECK(refused({"tap", "--status", "6xx"}) ==
        "tap: --status: \"6xx\" is no status (write a class, a code, none or faults, such as 5xx, 404 or 429,5xx,faults)");
  CHECK(parsed({"reset", "--yes"}).client.is_agreed);
  CHECK(refused({"stats", "--yes"}) == "stats: \"--yes\" is no flag of it (weir stats --help shows them)");
  CHECK(refused({"health", "--limti", "3"}) == "health: \"--limti\" is no flag of it (weir health --help shows them)");
  CHECK(refused({"users", "--limti", "3"}) == "users: \"--limti\" is no flag of it (did you mean --limit?)");
  CHECK(refused({"stats", "--window", "2m"}) ==
        "stats: --window: \"2m\" is none of its values (write one of 1m, 5m, 1h, 1d, all)");
  CHECK(refused({"health", "--live", "--ready"}) ==
        "health: --live and --ready are two questions (write one of them)");
  CHECK(refused({"health", "--ready", "--live"}) ==
        "health: --live and --ready are two questions (write one of them)");
  CHECK(refused({"stats", "--route", ""}) == "stats: --route: its value is empty (write --route ROUTE)");
}

TEST_CASE("command line: --watch has a value where a number follows") {
  CHECK(parsed({"stats", "--watch"}).client.watch == Nanos(2s));
  CHECK(parsed({"stats", "--watch", "--json"}).client.watch == Nanos(2s));
  CHECK(parsed({"stats", "--watch", "5", "--json"}).client.watch == Nanos(5s));
  CHECK(parsed({"stats", "--watch=500ms"}).client.watch == Nanos(500ms));
  CHECK(refused({"stats", "--watch", "0.01"}) ==
        "stats: --watch: \"0.01\" is no such time (write a number of seconds, or 100ms to 1d)");
}

TEST_CASE("command line: help names every command, and for each its flags with their values") {
  const std::string all = parsed({"help"}).help;
  for (const char* verb : {"stats", "slow", "errors", "health", "routes", "users", "tenants", "services", "cache",
                           "system", "reset", "learn"}) {
    CHECK_MESSAGE(all.find(std::string("weir ") + verb) != std::string::npos, verb);
  }
  const std::string stats = parsed({"stats", "--help"}).help;
  for (const char* part : {"[--watch [SECONDS]]", "--window SPAN", "p999_duration", "WEIR_TOKEN", "WEIR_ADMIN"}) {
    CHECK_MESSAGE(stats.find(part) != std::string::npos, part);
  }
}

TEST_CASE("command line: completion takes a shell that it knows") {
  CHECK(parsed({"completion", "fish"}).operand == "fish");
  CHECK(refused({"completion"}) == "completion: SHELL is missing (write one of bash, zsh, fish)");
  CHECK(refused({"completion", "ksh"}) == "completion: \"ksh\" is not known (write one of bash, zsh, fish)");
}

TEST_CASE("command line: a port alone, with or without a colon, and a host without a scheme are understood") {
  for (const auto& [written, meant] : {std::pair("8081", "0.0.0.0:8081"), std::pair(":8081", "0.0.0.0:8081")}) {
    CHECK(parsed({"run", "--upstream", "3000", "--listen", written}).listen.at(0).to_string() == meant);
  }
  for (const auto& [written, meant] :
       {std::pair("3000", "http://127.0.0.1:3000"), std::pair(":3000", "http://127.0.0.1:3000"),
        std::pair("localhost:3000", "http://localhost:3000"), std::pair("[::1]:3000", "http://[::1]:3000"),
        std::pair("app.internal:3000/", "http://app.internal:3000")}) {
    CHECK(parsed({"run", "--upstream", written}).upstream->url() == meant);
  }
  for (const char* wrong :
       {"app", "localhost:0", "a:b:3000", "localhost:3000/x", "http:/localhost:3000", "99999", "::"}) {
    CAPTURE(wrong);
    refused({"run", "--upstream", wrong});
  }
  CHECK(refused({"run", "--upstream", "me:secret@host:3000"}).find("secret") == std::string::npos);
}
