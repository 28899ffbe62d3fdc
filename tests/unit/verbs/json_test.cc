#include "json.h"

#include <doctest/doctest.h>

using namespace weir;
using verbs::Json;

TEST_CASE("Json: members in their order, and null for what is not there") {
  const Json json = Json::parse(R"({"b":1,"a":{"x":[1,"two",null,true]},"n":-0.5})").value();
  REQUIRE(json.members().size() == 3);
  CHECK(json.members()[0].name == "b");
  CHECK(json["b"].number() == 1);
  CHECK(json["n"].number() == -0.5);
  CHECK(json["a"]["x"].items().size() == 4);
  CHECK(json["a"]["x"].items()[1].text() == "two");
  CHECK(json["a"]["x"].items()[2].is_null());
  CHECK(json["a"]["x"].items()[3].is_true());
  CHECK(json["nowhere"]["at"]["all"].is_null());
  CHECK_FALSE(json["a"].number());
  CHECK(json["b"]["c"].is_null());
  CHECK(json["a"].number_or(7) == 7);
}

TEST_CASE("Json: what is no JSON is refused") {
  for (const char* text : {"", "{", "<html>", R"({"a":1} x)"}) CHECK_MESSAGE(!Json::parse(text), text);
}
