#include <weir/route/written.h>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace weir;
using namespace weir::route;

namespace {

Configured configured(std::string_view pattern, std::string group = {}) {
  Configured route{Pattern::parse(pattern).value(), Source::config, {}, {}};
  route.properties.group = std::move(group);
  return route;
}

Configured described(std::string_view pattern) {
  return {Pattern::parse(pattern).value(), Source::openapi, {}, "openapi.yaml"};
}

/// `GET /a config`, `GET /b openapi in GROUP`
std::vector<std::string> written(std::vector<Configured> by_hand, const std::vector<Configured>& files) {
  std::vector<std::string> out;
  for (const Configured& route : written_routes(std::move(by_hand), files)) {
    std::string line = route.pattern.text() + " " + std::string(label(route.source));
    if (!route.properties.group.empty()) line += " in " + route.properties.group;
    out.push_back(line);
  }
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("written_routes: a configured pattern beats a described one for the same paths") {
  CHECK(
      written({configured("GET /users/{id}")}, {described("GET /users/{userId}"), described("PUT /users/{userId}")}) ==
      Lines{"GET /users/{id} config", "PUT /users/{userId} openapi"});
  CHECK(written({configured("/users/{id}")}, {described("GET /users/{userId}"), described("PUT /users/{userId}")}) ==
        Lines{"/users/{id} config"});
}

TEST_CASE("written_routes: of two files the first one counts") {
  CHECK(written({}, {described("GET /a/{x}"), described("GET /a/{y}")}) == Lines{"GET /a/{x} openapi"});
}

TEST_CASE("written_routes: what a configured pattern says holds for the described ones inside it") {
  CHECK(written({configured("/*", "all"), configured("/api/*", "api"), configured("GET /api/v1/*", "reading")},
                {described("GET /api/v1/users"), described("POST /api/v1/users"), described("GET /health")}) ==
        Lines{"/* config in all", "/api/* config in api", "GET /api/v1/* config in reading",
              "GET /api/v1/users openapi in reading", "POST /api/v1/users openapi in api",
              "GET /health openapi in all"});
}
