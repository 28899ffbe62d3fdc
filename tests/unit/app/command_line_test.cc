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
  CHECK(refused({"run", "--listen", "8080"}) ==
        "run: --listen: \"8080\" has no port (write host:port, [v6]:port or unix:/path)");
  CHECK(refused({"run", "--upstream", "127.0.0.1:3000"}) ==
        "run: --upstream: \"127.0.0.1:3000\" does not begin with http://, https:// or unix: "
        "(write http://host:port, https://host:port or unix:/path)");
  CHECK(refused({"run", "--workers", "0"}) ==
        "run: --workers: \"0\" is no number of workers (write 1 to 1024, or auto)");
  CHECK(refused({"check", "--print=yes", "-c", "a"}) == "check: --print takes no value (leave \"yes\" out)");
  CHECK(refused({"run", "weir.yaml"}) == "run: \"weir.yaml\" has no place here (weir run --help shows what has)");
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
