#include <weir/route/openapi.h>

#include <doctest/doctest.h>

#include <set>
#include <string>

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

TEST_CASE("read_openapi: a parameter in part of a segment takes the whole of it") {
  CHECK(routes_of(R"({"openapi":"3.0.0","paths":{"/a/{owner}.{format}":{"get":{}},"/b/{id}:cancel":{"post":{}},
                      "/c/{proxy+}":{"get":{}},"/d/{x}/{x}":{"get":{}},"/e?f={g}":{"get":{}}}})") ==
        Texts{"GET /a/{owner_format}", "POST /b/{id_cancel}", "GET /c/{proxy...}", "GET /d/{x}/{x_2}", "GET /e"});
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
