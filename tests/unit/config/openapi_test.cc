#include <weir/config/openapi.h>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <unistd.h>

using namespace weir;
using namespace weir::config;

namespace {

/// A file that is gone after the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    const int descriptor = mkstemp(name_.data());
    REQUIRE(descriptor >= 0);
    close(descriptor);
    std::ofstream(name_, std::ios::binary) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(name_); }
  const std::string& name() const { return name_; }

 private:
  std::string name_ = (std::filesystem::temp_directory_path() / "weir-openapi-XXXXXX").string();
};

std::set<std::string> routes_of(std::string_view text) {
  const TemporaryFile file(text);
  const auto routes = load_openapi(file.name());
  REQUIRE_MESSAGE(routes.is_ok(), (routes ? "" : routes.error().message));
  std::set<std::string> out;
  for (const route::Configured& route : routes.value()) out.insert(route.pattern.text());
  return out;
}

std::string error_of(std::string_view text) {
  const TemporaryFile file(text);
  const auto routes = load_openapi(file.name());
  if (routes) return "none";
  const std::string& message = routes.error().message;
  return message.starts_with(file.name() + ":") ? message.substr(file.name().size() + 1) : "file not named";
}

}  // namespace

TEST_CASE("load_openapi: reads YAML and JSON alike") {
  const std::set<std::string> expected = {"GET /v1/pets", "POST /v1/pets", "GET /v1/pets/{petId}"};
  CHECK(routes_of(R"(openapi: 3.0.3
servers:
  - url: https://example.org/v1
paths:
  /pets:
    get: { responses: { "200": { description: ok } } }
    post: {}
  /pets/{petId}:
    get:
      operationId: showPetById
)") == expected);
  CHECK(routes_of(R"(  {"openapi":"3.0.3","servers":[{"url":"/v1"}],"paths":{"/pets":{"get":{},"post":{}},
                      "/pets/{petId}":{"get":{}}}})") == expected);
}

TEST_CASE("load_openapi: YAML that begins with a brace is YAML") {
  CHECK(routes_of("{openapi: 3.0.0, paths: {/a: {get: {}}}}") == std::set<std::string>{"GET /a"});
}

TEST_CASE("load_openapi: aliases stand for what they name") {
  CHECK(routes_of("swagger: '2.0'\nbasePath: /v2\npaths:\n  /a: &a\n    get: {}\n  /b: *a\n") ==
        std::set<std::string>{"GET /v2/a", "GET /v2/b"});
}

TEST_CASE("load_openapi: merge keys add what a map does not have itself") {
  const std::set<std::string> expected = {"GET /a", "PUT /a", "GET /b", "POST /b", "PUT /c", "GET /c"};
  CHECK(routes_of(R"(openapi: 3.0.0
x-both: &both { get: {}, put: {} }
x-post:
  deep: [ &post { post: {}, get: {} } ]
paths:
  /a: *both
  /b: { <<: *post }
  /c: { <<: [ *both ], get: { servers: [] } }
)") == expected);
  CHECK(routes_of(R"(openapi: 3.0.0
paths:
  /a: &a { get: {}, servers: [ { url: /x } ] }
  /b: { put: {}, <<: [ *a, { servers: [ { url: /y } ], post: {} } ] }
  /c:
    <<: { get: {}, delete: {} }
  <<: { /d: { head: {} }, /a: { trace: {} } }
)") == std::set<std::string>{"GET /x/a", "PUT /x/b", "GET /x/b", "POST /x/b", "GET /c", "DELETE /c", "HEAD /d"});
  CHECK(routes_of("openapi: 3.0.0\npaths: { /a: { \"<<\": { get: {} }, put: {} } }\n") ==
        std::set<std::string>{"PUT /a"});
}

TEST_CASE("load_openapi: what is left out may still be named by an alias") {
  CHECK(routes_of("openapi: 3.1.0\nx-a: { b: &i { get: {} } }\npaths: { /a: *i }\n") ==
        std::set<std::string>{"GET /a"});
  CHECK(routes_of("openapi: 3.1.0\npaths: { /a: { $ref: '#/components/pathItems/tags' } }\n"
                  "components: { pathItems: { tags: { get: {} } } }\n") == std::set<std::string>{"GET /a"});
}

TEST_CASE("load_openapi: an error names the file, and the place where the syntax is wrong") {
  CHECK(error_of("openapi: 3.0.0\npaths: {\n").starts_with("3:1: is no valid YAML"));
  CHECK(error_of("openapi: 3.0.0\npaths:\n  pets: {}\n") == "3:3: paths: 'pets' does not begin with a slash");
  CHECK(error_of("info: {}\nopenapi: 4.0.0\n") == "2:1: version '4.0.0' is not known: 2.0, 3.0 and 3.1 are");
  CHECK(error_of("swagger: '2.0'\npaths: []\n") == "2:1: paths: is no map of path to operations");
  CHECK(error_of("").find("no OpenAPI description") != std::string::npos);
  CHECK(error_of("{\n\"openapi\": \"3.0.0\",\n\"paths\": ]\n}").starts_with("3:10: is no valid"));
  CHECK(load_openapi("/nowhere/at/all.yaml").error().message ==
        "/nowhere/at/all.yaml: cannot be read: No such file or directory");
}

TEST_CASE("load_openapi: aliases of aliases do not grow without end") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 1; k < 10; ++k) text += ", " + before;
    text += "]\n";
  }
  CHECK(error_of(text).find("is too large") != std::string::npos);
}

TEST_CASE("load_openapi: dot segments are removed wherever a path is written") {
  const auto swagger = [](std::string_view base, std::string_view path) {
    return routes_of("swagger: '2.0'\nbasePath: " + std::string(base) + "\npaths:\n  " + std::string(path) +
                     ": {get: {}}\n");
  };
  const auto openapi = [](std::string_view base, std::string_view path) {
    return routes_of("openapi: 3.1.0\nservers: [{url: " + std::string(base) + "}]\npaths:\n  " + std::string(path) +
                     ": {get: {}}\n");
  };
  using Texts = std::set<std::string>;
  for (const auto& read : {+swagger, +openapi}) {
    CHECK(read("/base/./x/../", "/a/{id}/sub") == Texts{"GET /base/a/{id}/sub"});
    CHECK(read("./v1/%2E%2e/v2/.", "/a") == Texts{"GET /v2/a"});
    CHECK(read("/..", "/a") == Texts{"GET /a"});
    CHECK(read("/v1", "/a/./b/../{id}") == Texts{"GET /v1/a/{id}"});
    CHECK(read("/v1", "/a/{id}/%2e%2E/b") == Texts{"GET /v1/a/b"});
    CHECK(read("/v1", "/a/.") == Texts{"GET /v1/a/"});
    CHECK(read("/v1", "/a/b/..") == Texts{"GET /v1/a/"});
    CHECK(read("/v1", "/a/") == Texts{"GET /v1/a/"});
    // A path is joined to the base path before it is resolved, as a client does it.
    CHECK(read("/v1", "/../a") == Texts{"GET /a"});
    CHECK(read("/v1", "/a/...") == Texts{"GET /v1/a/..."});
    CHECK(read("/v1", "/a.b/{x}..") == Texts{"GET /v1/a.b/{x}.."});
    // What follows the path is none of it.
    CHECK(read("/v1", "'/a?b=/../c'") == Texts{"GET /v1/a"});
  }
}
