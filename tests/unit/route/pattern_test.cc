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
                           "OPTIONS *", "DELETE /a/b%2Fc/{x}", "/v1/levels:trim", "/{owner}/{repo}",
                           "/jobs/{id}:cancel", "/v{n}", "/a-{x}.json", "/%C3%BC{x}%20"}) {
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
  for (const char* text : {"/a/{x", "/a/x}", "/a/}{", "/a/b{x", "/a/{x}y}", "/a/{x}}", "/a/}{x}", "/a/{x}y}{z}"}) {
    CHECK_MESSAGE(error_of(text).find("without its other half") != std::string::npos, text);
  }
  CHECK(error_of("/a/{{x}}").find("has no name") != std::string::npos);
  CHECK(error_of("/a/v{}").find("has no name") != std::string::npos);
  CHECK(error_of("/a/{x...}.json").find("no text beside it") != std::string::npos);
  CHECK(error_of("/a/v{x...}").find("no text beside it") != std::string::npos);
  CHECK(error_of("/a/{x}*").find("* takes whole segments") != std::string::npos);
  CHECK(error_of("/a/{x}?y").find("the query is no part") != std::string::npos);
  CHECK(error_of("/a/{x}.{y}/{x_y}").find("comes twice") != std::string::npos);
  CHECK(error_of("/a/*.png").find("* takes whole segments") != std::string::npos);
  CHECK(error_of("/a/*/b").find("put it last") != std::string::npos);
  CHECK(error_of("/a/{x...}/b").find("put it last") != std::string::npos);
  CHECK(error_of("/a/{x}/{x}").find("comes twice") != std::string::npos);
  CHECK(error_of("/users/:id") == "':id' is no parameter here: write {id}");
  CHECK(error_of("/a?b=1").find("the query is no part") != std::string::npos);
  CHECK(error_of("/a\x01").find("percent-encoded") != std::string::npos);
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

TEST_CASE("Pattern: several parameters in a segment are one, with the text around the outermost braces") {
  const auto printed = [](std::string_view text) { return Pattern::parse(text).value().text(); };
  CHECK(printed("/reports/{name}.{format}") == "/reports/{name_format}");
  CHECK(printed("/compare/{a}...{b}") == "/compare/{a_b}");
  CHECK(printed("/x/v{a}{b}-{c}.csv") == "/x/v{a_b_c}.csv");
  CHECK(Pattern::parse("/r/{a}:x").value().shape() == Pattern::parse("/r/{b}:x").value().shape());
  CHECK(Pattern::parse("/r/{a}:x").value().shape() != Pattern::parse("/r/{a}:y").value().shape());
  CHECK(Pattern::parse("/r/{a}:x").value().shape() != Pattern::parse("/r/{a}").value().shape());
}

TEST_CASE("Pattern: what is written raw is printed in its normal form") {
  const auto printed = [](std::string_view text) { return Pattern::parse(text).value().text(); };
  CHECK(printed("GET /stra\xC3\x9F"
                "e/a b") == "GET /stra%C3%9Fe/a%20b");
  CHECK(printed("/e%c3%a9/%7euser/%2f") == "/e%C3%A9/~user/%2F");
  CHECK(printed("/100%/%zz") == "/100%25/%25zz");
  CHECK(printed("/\xC3\xBC{x}|") == "/%C3%BC{x}%7C");
}

TEST_CASE("Pattern: text around a parameter covers what has that text and more") {
  const auto covers = [](std::string_view wide, std::string_view narrow) {
    return Pattern::parse(wide).value().covers(Pattern::parse(narrow).value());
  };
  CHECK(covers("/j/{id}", "/j/{id}:run"));
  CHECK(covers("/j/{id}:run", "/j/{x}:run"));
  CHECK(covers("/j/{id}:run", "/j/v{x}:run"));
  CHECK(covers("/j/{id}:run", "/j/7:run"));
  CHECK_FALSE(covers("/j/{id}-run", "/j/-run"));
  CHECK_FALSE(covers("/j/{id}:run", "/j/{id}"));
  CHECK_FALSE(covers("/j/{id}:run", "/j/{id}:stop"));
  CHECK_FALSE(covers("/j/a{id}a", "/j/a"));
}
