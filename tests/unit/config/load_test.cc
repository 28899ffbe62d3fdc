#include "lab/certificates.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <weir/config/load.h>

using namespace weir;
using config::Loaded;

namespace {

constexpr const char* kSmall = "upstreams: { app: { servers: [ http://127.0.0.1:3000 ] } }\n";

Loaded load(const std::string& yaml) { return config::load_text(yaml, "test.yaml"); }

std::string first_problem(const Loaded& loaded) { return loaded.problems.empty() ? "" : loaded.problems.front(); }

}  // namespace

TEST_CASE("load: one upstream is enough, the rest is defaults") {
  const Loaded loaded = load(kSmall);
  REQUIRE(loaded.is_ok());
  REQUIRE(loaded.options.listeners.size() == 1);
  CHECK(loaded.options.listeners[0].address.to_string() == "0.0.0.0:8080");
  CHECK(loaded.options.listeners[0].upstream == "app");
  CHECK(loaded.options.admin.address.to_string() == "127.0.0.1:9900");
  CHECK(loaded.options.measure.slow_threshold == 1s);
  CHECK(loaded.options.limits.body_size == kUnlimited);
}

TEST_CASE("load: a list in the file replaces the default as a whole") {
  const Loaded loaded = load(std::string(kSmall) + "measure: { ignore: [], ignore_user_agents: [ probe ] }\n");
  REQUIRE(loaded.is_ok());
  CHECK(loaded.options.measure.ignore.empty());
  CHECK(loaded.options.measure.ignore_user_agents == std::vector<std::string>{"probe"});
}

TEST_CASE("load: a merge key adds what a map does not say itself") {
  const Loaded loaded = load(R"(upstreams:
  app: &app { servers: [ http://127.0.0.1:3000 ], retries: 4, max_connections: 7 }
  more: &more { servers: [ http://127.0.0.1:3001 ], retries: 5, timeouts: { connect: 3s } }
  one: { <<: *app, retries: 2 }
  two: { servers: [ http://127.0.0.1:3002 ], <<: [ *more, *app ] }
  three: { <<: { max_connections: 9 }, servers: [ http://127.0.0.1:3003 ] }
listeners: [ { upstream: app } ]
)");
  REQUIRE_MESSAGE(loaded.is_ok(), first_problem(loaded));
  const auto& upstreams = loaded.options.upstreams;
  const auto named = [&](std::string_view name) {
    return *std::find_if(upstreams.begin(), upstreams.end(),
                         [&](const auto& upstream) { return upstream.name == name; });
  };
  CHECK(named("one").retries == 2);
  CHECK(named("one").max_connections == 7);
  CHECK(named("one").servers.size() == 1);
  CHECK(named("two").retries == 5);
  CHECK(named("two").max_connections == 7);
  CHECK(named("two").timeouts.connect == 3s);
  CHECK(named("three").max_connections == 9);
}

TEST_CASE("load: a file may come from an editor of another system") {
  CHECK(load("\xEF\xBB\xBF" + std::string(kSmall)).is_ok());
  CHECK(load("upstreams:\r\n  app:\r\n    servers: [ \"http://127.0.0.1:3000\" ]\r\n").is_ok());
  CHECK(load("\xEF\xBB\xBFlog: { access: \"x }").problems.at(0).starts_with("test.yaml:1:"));
  CHECK(load(std::string(kSmall) + "---\n").problems.size() == 1);
  CHECK(load("---\n" + std::string(kSmall) + "...\n").is_ok());
}

TEST_CASE("load: quotes of every shape that are closed are no problem") {
  const Loaded loaded = load(std::string(kSmall) +
                             "measure:\n"
                             "  ignore: [ '/it''s', \"/a\\\"b\", !!str \"/c\" ]\n"
                             "log: { access: &name '/x\n    y' }\n");
  CHECK(loaded.problems ==
        std::vector<std::string>{
            "test.yaml:3:32: measure.ignore[2]: \"tag:yaml.org,2002:str\" is a YAML tag (leave it out)"});
}

TEST_CASE("load: aliases are copies") {
  const Loaded loaded = load(
      "upstreams:\n"
      "  a: { servers: &servers [ http://127.0.0.1:3000 ] }\n"
      "  b: { servers: *servers }\n"
      "listeners: [ { upstream: a } ]\n");
  REQUIRE(loaded.is_ok());
  CHECK(loaded.options.upstreams.at(1).servers.at(0).url() == "http://127.0.0.1:3000");
}

TEST_CASE("load: environment variables stand anywhere in a value") {
  setenv("WEIR_TEST_PORT", "3000", 1);
  setenv("WEIR_TEST_DOLLAR", "a$", 1);
  setenv("WEIR_TEST_EMPTY", "", 1);
  unsetenv("WEIR_TEST_UNSET");
  const Loaded loaded = load(
      "upstreams: { app: { servers: [ \"http://127.0.0.1:${WEIR_TEST_PORT}\" ] } }\n"
      "workers: ${WEIR_TEST_UNSET:-3}\n"
      "log: { access: \"/${WEIR_TEST_DOLLAR}${WEIR_TEST_EMPTY:-b}$${HOME}$5$\" }\n"
      "measure: { request_id_header: \"${WEIR_TEST_EMPTY}\" }\n");
  REQUIRE_MESSAGE(loaded.is_ok(), first_problem(loaded));
  CHECK(loaded.options.upstreams.at(0).servers.at(0).address.port == 3000);
  CHECK(loaded.options.workers == 3);
  CHECK(loaded.options.log.access == "/a$b${HOME}$5$");
  CHECK(loaded.options.measure.request_id_header.empty());
}

TEST_CASE("load: the environment cannot bring in another key or line") {
  setenv("WEIR_TEST_EVIL", "x\nadmin: { address: 0.0.0.0:1 }", 1);
  const Loaded loaded = load(std::string(kSmall) + "log:\n  access: ${WEIR_TEST_EVIL}\n");
  CHECK(first_problem(loaded) ==
        "test.yaml:3:11: log.access: the value has a control character or a line break (write it in one line)");
}

TEST_CASE("load: overrides have the last word and are checked with the rest") {
  const Loaded open = config::load_text(kSmall, "test.yaml", [](config::Options& options) {
    options.admin.address = net::Endpoint::parse("0.0.0.0:9900").value();
  });
  CHECK(first_problem(open).find("admin.address: 0.0.0.0:9900 can be reached from other machines") !=
        std::string::npos);
  const Loaded none = config::load("");
  CHECK(first_problem(none) ==
        "command line: upstreams: there is no upstream (name one with its servers, or run with --upstream "
        "http://127.0.0.1:3000)");
}

TEST_CASE("load: a file that cannot be read says so") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("weir_load_test_" + std::to_string(std::random_device{}()));
  fs::create_directory(folder);
  const std::string missing = folder / "weir.yaml";
  CHECK(config::load(missing).problems.at(0) ==
        missing + ": cannot be read: No such file or directory (name a YAML file that may be read)");
  CHECK(config::load(folder).problems.at(0) == folder.string() + ": is a directory (name a YAML file that may be read)");
  std::ofstream(folder / "large.yaml") << std::string(config::kMaxFileBytes + 1, '#');
  CHECK(config::load(folder / "large.yaml").problems.at(0) ==
        (folder / "large.yaml").string() + ": is larger than 4194304 bytes (name a YAML file that may be read)");
  std::ofstream(folder / "weir.yaml") << kSmall;
  CHECK(config::load(missing).is_ok());
  fs::remove_all(folder);
}

TEST_CASE("load: no bytes crash it, and a message is always one line") {
  const std::string_view alphabet = "{}[]:,-&*!|>'\"%@`#\n\n  \t?~$a0\\\xC3\xA9\x00\xFF";
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = round % 2 == 0 ? kSmall : "";
    const std::size_t length = random() % 60;
    for (std::size_t i = 0; i < length; ++i) bytes += alphabet[random() % alphabet.size()];
    for (const std::string& problem : load(bytes).problems) {
      REQUIRE(problem.starts_with("test.yaml:"));
      REQUIRE(problem.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("load: a good file with one byte changed gives messages, never a crash") {
  const std::string good =
      "listeners:\n  - address: 127.0.0.1:8080\n    upstream: app\nupstreams:\n  app:\n    servers:\n"
      "      - { url: \"http://127.0.0.1:3000\", weight: 2 }\nroutes:\n  - match: GET /users/{id}\n"
      "limits: { header_size: 64KiB }\n";
  REQUIRE(load(good).is_ok());
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char c : std::string_view("x\n\"'{}[]:#&*!- \t\x01\xFF$")) {
      std::string changed = good;
      changed[at] = c;
      for (const std::string& problem : load(changed).problems) REQUIRE(problem.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("load: nesting and size cost a bounded time") {
  CHECK_FALSE(load(std::string(200'000, '[')).is_ok());
  CHECK_FALSE(load(std::string(200'000, '{')).is_ok());
  std::string wide = "routes: [";
  for (int i = 0; i < 300'000; ++i) wide += "x,";
  CHECK(load(wide + "]\n").problems.at(0).find("too many values") != std::string::npos);
}

TEST_CASE("load: OpenAPI files are looked for beside the configuration") {
  const lab::TemporaryFolder folder;
  folder.write("api.yaml", "openapi: 3.0.0\npaths: { /pets: { get: {} } }\n");
  const std::string yaml = std::string(kSmall) + "openapi: [ api.yaml ]\n";
  const Loaded loaded = config::load_text(yaml, folder.file("weir.yaml"));
  REQUIRE(loaded.is_ok());
  REQUIRE(loaded.options.described_routes().size() == 1);
  CHECK(loaded.options.described_routes()[0].pattern.text() == "GET /pets");
  CHECK(loaded.options.described_routes()[0].file == "api.yaml");
  CHECK(first_problem(load(yaml)) ==
        "test.yaml:2:12: openapi[0]: api.yaml: cannot be read: No such file or directory (name an OpenAPI 2.0, 3.0 or "
        "3.1 "
        "file, JSON or YAML, as seen from this one's folder)");
}

TEST_CASE("load: a mistake in an OpenAPI file is told with both places") {
  const lab::TemporaryFolder folder;
  folder.write("api.yaml", "openapi: 3.0.0\npaths:\n  pets: { get: {} }\n");
  const std::string file = folder.file("weir.yaml");
  const Loaded loaded = config::load_text(std::string(kSmall) + "openapi:\n  - api.yaml\n", file);
  CHECK(first_problem(loaded).starts_with(file + ":3:5: openapi[0]: " + folder.file("api.yaml") +
                                          ":3:3: paths: 'pets' does not begin with a slash"));
}

TEST_CASE("load: written routes must fit the number of tags") {
  const std::string routes = "routes: [ { match: /a }, { match: /b }, { match: /c } ]\n";
  CHECK(load(std::string(kSmall) + routes + "route_learning: { max_routes: 3 }\n").is_ok());
  CHECK(first_problem(load(std::string(kSmall) + routes + "route_learning: { max_routes: 2 }\n")) ==
        "test.yaml:3:31: route_learning.max_routes: 2 tags do not suffice for the 3 routes that are written (write at "
        "least 3, and more for what is learned)");
}

TEST_CASE("load: a server that is a listener of this weir, or its admin API, is refused") {
  const auto problem = [](const std::string& listen, const std::string& server) {
    return first_problem(load("listeners:\n  - address: \"" + listen +
                              "\"\nupstreams:\n  app:\n    servers:\n      - \"" + server + "\"\n"));
  };
  CHECK(problem("0.0.0.0:8099", "http://127.0.0.1:8099") ==
        "test.yaml:6:9: upstreams.app.servers[0]: http://127.0.0.1:8099 is this weir itself (listeners[0].address, "
        "0.0.0.0:8099), so requests would loop (write the address of the app)");
  for (const char* server : {"http://localhost:8099", "http://127.3.2.1:8099", "https://0.0.0.0:8099"}) {
    CAPTURE(server);
    CHECK(problem("0.0.0.0:8099", server).find("is this weir itself") != std::string::npos);
  }
  CHECK(problem("127.0.0.1:8099", "http://127.0.0.1:9900").find("(admin.address, 127.0.0.1:9900)") !=
        std::string::npos);
  CHECK(problem("unix:/tmp/weir-none/../weir-none/a", "unix:/tmp/weir-none/a").find("is this weir itself") !=
        std::string::npos);
  CHECK(problem("127.0.0.1:8099", "http://127.0.0.2:8099").empty());
  CHECK(problem("0.0.0.0:8099", "http://192.0.2.1:8099").empty());
  CHECK(problem("127.0.0.1:0", "http://127.0.0.1:8099").empty());
}

TEST_CASE("load: an address that cannot be read collides with no other") {
  const Loaded loaded =
      load("listeners:\n  - address: example.com:8080\n  - address: 0.0.0.0:8080\n  - address: 127.0.0.1:8080\n" +
           std::string(kSmall));
  REQUIRE(loaded.problems.size() == 2);
  CHECK(loaded.problems[0].find("test.yaml:2:14: listeners[0].address: ") == 0);
  CHECK(loaded.problems[1].find("test.yaml:4:14: listeners[2].address: 127.0.0.1:8080 is where listeners[1] listens") ==
        0);
}

TEST_CASE("load: a listener may be its address, and an address a port") {
  const Loaded loaded =
      load("listeners: [ 8081, { address: \":8082\" } ]\nupstreams: { app: { servers: [ 3000 ] } }\n");
  REQUIRE(loaded.problems == std::vector<std::string>{});
  CHECK(loaded.options.listeners.at(0).address.to_string() == "0.0.0.0:8081");
  CHECK(loaded.options.listeners.at(1).address.to_string() == "0.0.0.0:8082");
  CHECK(loaded.options.upstreams.at(0).servers.at(0).url() == "http://127.0.0.1:3000");
}

TEST_CASE("load: servers listed twice and upstreams that nothing uses are warnings") {
  const Loaded loaded = load(
      "upstreams:\n"
      "  app: { servers: [ http://127.0.0.1:3000, http://127.0.0.1:3000/ ] }\n"
      "  spare: { servers: [ http://127.0.0.1:3001 ] }\n"
      "listeners: [ { upstream: app } ]\n");
  REQUIRE(loaded.is_ok());
  REQUIRE(loaded.warnings.size() == 2);
  CHECK(loaded.warnings[0].to_string().find("test.yaml:2:44: upstreams.app.servers[1]: http://127.0.0.1:3000 is listed "
                                            "twice") == 0);
  CHECK(loaded.warnings[1].to_string().find("test.yaml:3:3: upstreams.spare: no listener and no route uses") == 0);
  CHECK_FALSE(loaded.warnings[0].fails_check);
}

TEST_CASE("load: a server_name that would switch the check of the certificate's name off is refused") {
  const auto problem = [](const std::string& name) {
    const Loaded loaded = load("upstreams: { app: { servers: [ https://a ], tls: { server_name: " + name + " } } }\n");
    return first_problem(loaded);
  };
  CHECK(problem("a.example") == "");
  CHECK(problem("a.example.") == "");
  CHECK(problem("10.0.0.1") == "");
  CHECK(problem("'::1'") == "");
  CHECK(problem(".").find("server_name: \".\" is not a host name or an IP address") != std::string::npos);
  for (const char* name : {"'..'", ".example", "'*.example'", "a..b", "' '", "'[::1]'", "'a:443'"}) {
    CHECK_MESSAGE(problem(name).find("is not a host name or an IP address") != std::string::npos, name);
  }
  // A zero byte would end the name for OpenSSL; no value of the configuration may hold one.
  for (const char* name : {"\"\\0\"", "\"a\\0.example\""}) {
    CHECK_MESSAGE(problem(name).find("control character") != std::string::npos, name);
  }
}

TEST_CASE("load: what is empty or of another kind than its key takes never passes for the default") {
  const std::string list = "is a list, not a map or a single value";
  const std::string app = "upstreams: { app: { servers: [ http://127.0.0.1:3000 ]";
  const std::pair<std::string, std::string> cases[] = {
      {"listeners: [ [ 127.0.0.1:8080 ] ]", "2:14: listeners[0]: " + list},
      {"listeners:\n  - - 127.0.0.1:8080", "3:5: listeners[0]: " + list},
      {"listeners: [ ~ ]", "2:14: listeners[0]: is nothing, not a map or a single value"},
      {"listeners: [ {} ]", "2:14: listeners[0]: is an empty map, not one with keys"},
      {"listeners: &one\n", "2:1: listeners: is nothing, not a list"},
      {"listeners: { address: 127.0.0.1:8080 }", "2:1: listeners: is a map, not a list"},
      {"routes: [ {} ]", "2:11: routes[0]: is an empty map, not one with keys"},
      {"routes: [ ~ ]", "2:11: routes[0]: is nothing, not a map"},
      {"limits: !!null", "2:9: limits: \"tag:yaml.org,2002:null\" is a YAML tag"},
      {"measure: { ignore: [ ~ ] }", "2:22: measure.ignore[0]: has no value"},
      {"measure: { ignore: { a: b } }", "2:12: measure.ignore: is a map, not a list"},
      {"workers: [ 2 ]", "2:1: workers: is a list, not a single value"},
      {"limits: { <<: [] }", "2:15: limits.<<: the merge key << names no map"},
  };
  for (const auto& [yaml, expected] : cases) {
    CAPTURE(yaml);
    const std::string found = first_problem(load(app + " } }\n" + yaml + "\n"));
    CHECK_MESSAGE(found.starts_with("test.yaml:" + expected), found);
  }
  const std::string dash = first_problem(load(std::string(kSmall) + "listeners:\n  - 127.0.0.1:8080\n  -\n"));
  CHECK_MESSAGE(dash.find(": listeners[1]: is nothing, not a map or a single value") != std::string::npos, dash);
  for (const std::string fine : {"limits: {}\nroutes: []\n", "limits:\n", "log:\n  # level: debug\n", "limits: ~\n"}) {
    CAPTURE(fine);
    CHECK(load(std::string(kSmall) + fine).is_ok());
  }
}
