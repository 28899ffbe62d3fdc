#include <weir/route/pattern.h>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::route;

namespace {

std::string error_of(std::string_view text) {
  const auto pattern = Pattern::parse(text);
  return pattern ? "none" : pattern.error().message;
}

}  // namespace

TEST_CASE("Pattern: what is written is what is printed") {
  for (const char* text : {"GET /users/{id}", "/users/{id}", "/", "/a/", "/a//b", "/files/{path...}", "/static/*",
                           "OPTIONS *", "DELETE /a/b%2Fc/{x}", "/v1/levels:trim", "/{owner}/{repo}"}) {
    const auto pattern = Pattern::parse(text);
    REQUIRE_MESSAGE(pattern.is_ok(), text);
    CHECK(pattern.value().text() == text);
  }
}

TEST_CASE("Pattern: spaces around the parts do not count") {
  CHECK(Pattern::parse("  GET \t /a ").value().text() == "GET /a");
}

TEST_CASE("Pattern: an error says what would be right") {
  CHECK(error_of("") == "a pattern is missing: write /path or GET /path/{name}");
  CHECK(error_of("users") == "'users' does not begin with a slash: write /users");
  CHECK(error_of("GET users") == "'users' does not begin with a slash: write /users");
  CHECK(error_of("get /users").find("methods are in capitals") != std::string::npos);
  CHECK(error_of("/a/{}").find("has no name") != std::string::npos);
  CHECK(error_of("/a/{1}").find("has no name") != std::string::npos);
  CHECK(error_of("/a/{x}.json").find("a parameter is a whole segment") != std::string::npos);
  CHECK(error_of("/a/{x").find("a parameter is a whole segment") != std::string::npos);
  CHECK(error_of("/a/{x}{y}").find("a parameter is a whole segment") != std::string::npos);
  CHECK(error_of("/a/*.png").find("* takes whole segments") != std::string::npos);
  CHECK(error_of("/a/*/b").find("put it last") != std::string::npos);
  CHECK(error_of("/a/{x...}/b").find("put it last") != std::string::npos);
  CHECK(error_of("/a/{x}/{x}").find("comes twice") != std::string::npos);
  CHECK(error_of("/users/:id") == "':id' is no parameter here: write {id}");
  CHECK(error_of("/a?b=1").find("the query is no part") != std::string::npos);
  CHECK(error_of("/a b").find("percent-encoded") != std::string::npos);
  CHECK(error_of("*").find("write /*") != std::string::npos);
  CHECK(error_of("GET *").find("OPTIONS only") != std::string::npos);
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "/a";
  CHECK(error_of(deep) == "65 segments are too many: at most 64");
  CHECK(error_of("/" + std::string(3000, 'a')).find("too long") != std::string::npos);
}

TEST_CASE("Pattern: parameters of other names have the same shape") {
  CHECK(Pattern::parse("GET /a/{x}/{r...}").value().shape() == Pattern::parse("GET /a/{y}/*").value().shape());
  CHECK(Pattern::parse("GET /a/{x}").value().shape() != Pattern::parse("/a/{x}").value().shape());
  CHECK(Pattern::parse("GET /a/{x}").value().shape() != Pattern::parse("GET /a/*").value().shape());
}
