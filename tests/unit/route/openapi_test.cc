#include <doctest/doctest.h>
#include <set>
#include <string>
#include <vector>

#include <weir/route/openapi.h>

using namespace weir;
using namespace weir::route;

namespace {

std::set<std::string> routes_of(std::string_view json) {
  const auto document = parse_json(json);
  REQUIRE(document.is_ok());
  const auto routes = read_openapi(document.value());
  REQUIRE_MESSAGE(routes.is_ok(), (routes ? "" : routes.error().message));
  std::set<std::string> out;
  for (const Configured& route : routes.value()) {
    CHECK(route.source == Source::openapi);
    out.insert(route.pattern.text());
  }
  return out;
}

std::string error_of(std::string_view json) {
  const auto document = parse_json(json);
  if (!document) return document.error().message;
  const auto routes = read_openapi(document.value());
  return routes ? "none" : routes.error().message;
}

using Texts = std::set<std::string>;

}  // namespace

TEST_CASE("read_openapi: Swagger 2.0 with a base path") {
  CHECK(routes_of(R"({"swagger":"2.0","basePath":"/v2/","paths":{"/pets/{petId}":{"get":{},"delete":{},"parameters":[]},
                      "/pets":{"post":{}}}})") ==
        Texts{"GET /v2/pets/{petId}", "DELETE /v2/pets/{petId}", "POST /v2/pets"});
}

TEST_CASE("read_openapi: OpenAPI 3 takes the path of every server") {
  CHECK(routes_of(
            R"({"openapi":"3.0.3","servers":[{"url":"https://a.example/v1"},{"url":"/v1/"},{"url":"https://b.example"}],
                      "paths":{"/a":{"get":{}}}})") == Texts{"GET /v1/a", "GET /a"});
  CHECK(
      routes_of(
          R"({"openapi":"3.1.0","servers":[{"url":"https://{h}.example/{base}","variables":{"base":{"default":"api"}}}],
                      "paths":{"/a":{"get":{}}}})") == Texts{"GET /api/a"});
  CHECK(
      routes_of(
          R"({"openapi":"3.1.0","paths":{"/a":{"servers":[{"url":"/x"}],"get":{},"post":{"servers":[{"url":"/y"}]}}}})") ==
      Texts{"GET /x/a", "POST /y/a"});
}

TEST_CASE("read_openapi: 3.1 may do without paths") {
  CHECK(routes_of(R"({"openapi":"3.1.0","webhooks":{"a":{"post":{}}}})").empty());
}

TEST_CASE("read_openapi: follows a path item inside the file, takes any method for one outside") {
  CHECK(routes_of(R"({"openapi":"3.1.0","paths":{"/a":{"$ref":"#/components/pathItems/x~1y"},"/b":{"$ref":"b.json"}},
                      "components":{"pathItems":{"x/y":{"put":{}}}}})") == Texts{"PUT /a", "/b"});
  CHECK(error_of(R"({"openapi":"3.1.0","paths":{"/a":{"$ref":"#/components/pathItems/x"}},
                     "components":{"pathItems":{"x":{"$ref":"#/components/pathItems/x"}}}})") ==
        "path /a: its $ref goes in a circle");
}

TEST_CASE("read_openapi: text around a parameter is literal, of several the text around the outermost braces") {
  CHECK(routes_of(R"({"openapi":"3.0.0","paths":{"/a/{owner}.{format}":{"get":{}},"/b/{id}:cancel":{"post":{}},
                      "/c/{proxy+}":{"get":{}},"/d/{x}/{x}":{"get":{}},"/e?f={g}":{"get":{}}}})") ==
        Texts{"GET /a/{owner_format}", "POST /b/{id}:cancel", "GET /c/{proxy...}", "GET /d/{x}/{x_2}", "GET /e"});
  CHECK(routes_of(
            R"({"openapi":"3.0.0","paths":{"/v{n}/x":{"get":{}},"/r/{name}.csv":{"get":{}},"/c/{a}...{b}":{"get":{}},
                      "/b{?x,y}":{"get":{}},"/{id}:d:e":{"get":{}},"/p-{a}-{b}.q":{"get":{}},"/o{":{"get":{}}}})") ==
        Texts{"GET /v{n}/x", "GET /r/{name}.csv", "GET /c/{a_b}", "GET /b", "GET /{id}:d:e", "GET /p-{a_b}.q",
              "GET /o%7B"});
}

TEST_CASE("read_openapi: literals have one form, however they are written") {
  CHECK(routes_of("{\"openapi\":\"3.0.0\",\"paths\":{\"/\u00fc\":{\"get\":{}},\"/c "
                  "d\":{\"get\":{}},\"/e%c3%a9\":{\"get\":{}}}}") ==
        Texts{"GET /%C3%BC", "GET /c%20d", "GET /e%C3%A9"});
}

TEST_CASE("read_openapi: defaults of server variables are literal, filled in once") {
  CHECK(routes_of(R"({"openapi":"3.0.3","servers":[{"url":"/{a}/{b}/{c}","variables":{"a":{"default":"{b}{b}"},
                      "b":{"default":"{a}"}}}],"paths":{"/x":{"get":{}}}})") ==
        Texts{"GET /%7Bb%7D%7Bb%7D/%7Ba%7D/{c}/x"});
  std::string many = R"({"openapi":"3.0.3","servers":[{"url":"/{v0}","variables":{)";
  for (int i = 0; i < 40; ++i) {
    const std::string next = "{v" + std::to_string(i + 1) + "}";
    many += (i == 0 ? "" : ",") + ("\"v" + std::to_string(i)) + "\":{\"default\":\"" + next + next + "\"}";
  }
  CHECK(routes_of(many + R"(}}],"paths":{"/x":{"get":{}}}})") == Texts{"GET /%7Bv1%7D%7Bv1%7D/x"});
  CHECK(error_of(R"({"openapi":"3.0.3","servers":[{"url":"/{a}{a}","variables":{"a":{"default":")" +
                 std::string(5000, 'y') + R"("}}}],"paths":{"/x":{"get":{}}}})")
            .find("longer than") != std::string::npos);
}

TEST_CASE("read_openapi: dot segments of a server URL are removed") {
  const auto base = [](std::string_view url) {
    return *routes_of(R"({"openapi":"3.0.3","servers":[{"url":")" + std::string(url) +
                      R"("}],"paths":{"/a":{"get":{}}}})")
                .begin();
  };
  CHECK(base("../v2") == "GET /v2/a");
  CHECK(base("./v2/") == "GET /v2/a");
  CHECK(base("/x/./y/../z") == "GET /x/z/a");
  CHECK(base("https://h/x/..") == "GET /a");
  CHECK(base("https://h/%2E%2e/v2/.") == "GET /v2/a");
  CHECK(base("..") == "GET /a");
  CHECK(base("//h/v3") == "GET /v3/a");
}

TEST_CASE("read_openapi: names that people chose stay, whatever they are") {
  CHECK(routes_of(R"({"openapi":"3.1.0","servers":[{"url":"/{tags}","variables":{"tags":{"default":"base"}}}],
                      "paths":{"/a":{"$ref":"#/components/pathItems/tags"},"/b":{"$ref":"#/components/pathItems/x-y"}},
                      "components":{"pathItems":{"tags":{"put":{}},"x-y":{"get":{}}}}})") ==
        Texts{"PUT /base/a", "GET /base/b"});
  CHECK(
      routes_of(
          R"({"openapi":"3.1.0","servers":[{"url":"/{x-a}/{headers}","variables":{"x-a":{"default":"1"},"headers":{"default":"2"}}}],
                      "paths":{"/a":{"get":{"responses":{"x":{"get":{}}},"tags":["x"]}},"/b":{"$ref":"#/paths/~1a"},"/c%7B":{"$ref":"#/paths/~1a%7Bq"}}})") ==
      Texts{"GET /1/2/a", "GET /1/2/b", "/1/2/c%7B"});
}

TEST_CASE("read_openapi: says of each operation that is no route why it is none") {
  const auto document = parse_json(R"({"openapi":"3.0.0","servers":[{"url":"/v1"}],"paths":{"/u/{id}":{"get":{}},
                                       "/u/{userId}":{"get":{},"put":{}},"/u/{name}":{"get":{}}}})");
  std::vector<std::string> dropped;
  CHECK(read_openapi(document.value(), &dropped).value().size() == 2);
  CHECK(dropped ==
        std::vector<std::string>{"GET /v1/u/{userId} takes the same paths as GET /v1/u/{id}, which comes before it",
                                 "GET /v1/u/{name} takes the same paths as GET /v1/u/{id}, which comes before it"});
}

TEST_CASE("read_openapi: what it prints can be configured") {
  for (const std::string& text : routes_of(R"({"openapi":"3.0.0","paths":{"/a/{owner}.{format}":{"get":{}},
                                               "/b/{user id}/{1st}":{"get":{}}}})")) {
    CHECK_MESSAGE(Pattern::parse(text).is_ok(), text);
  }
}

TEST_CASE("read_openapi: says what is wrong, and where") {
  CHECK(error_of("[]").find("no OpenAPI description") != std::string::npos);
  CHECK(error_of("{}").find("no OpenAPI description") != std::string::npos);
  CHECK(error_of(R"({"openapi":"4.0.0"})") == "version '4.0.0' is not known: 2.0, 3.0 and 3.1 are");
  CHECK(error_of(R"({"openapi":"3.0.0","paths":{"pets":{}}})") == "paths: 'pets' does not begin with a slash");
  CHECK(error_of(R"({"openapi":"3.0.0","paths":[]})") == "paths: is no map of path to operations");
  CHECK(error_of("{").find("no valid JSON") != std::string::npos);
}
