#include <weir/base/closest.h>

#include <array>
#include <string>

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("closest: finds what was most likely meant") {
  static constexpr std::array<std::string_view, 5> kWords = {"listeners", "upstreams", "routes", "admin", "run"};
  CHECK(closest("listners", kWords) == "listeners");
  CHECK(closest("lsiteners", kWords) == "listeners");
  CHECK(closest("upstream", kWords) == "upstreams");
  CHECK(closest("rotues", kWords) == "routes");
  CHECK(closest("rn", kWords) == "run");
}

TEST_CASE("closest: does not guess where nothing is near") {
  static constexpr std::array<std::string_view, 3> kWords = {"listeners", "admin", "run"};
  CHECK(closest("server", kWords).empty());
  CHECK(closest("", kWords).empty());
  CHECK(closest("x", kWords).empty());
  CHECK(closest(std::string(100'000, 'a'), kWords).empty());
  CHECK(closest("admin", {}).empty());
}
