#include <weir/base/bytes.h>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <weir/base/clock.h>

using namespace weir;

TEST_CASE("parse_decimal: takes digits alone and refuses what does not fit 64 bits") {
  CHECK(parse_decimal("0") == 0U);
  CHECK(parse_decimal("18446744073709551615") == 18446744073709551615U);
  CHECK_FALSE(parse_decimal("18446744073709551616"));
  CHECK_FALSE(parse_decimal(""));
  CHECK_FALSE(parse_decimal("+1"));
  CHECK_FALSE(parse_decimal(" 1"));
  CHECK_FALSE(parse_decimal("1x"));
}

TEST_CASE("equals_ignoring_case: folds ASCII letters and nothing else") {
  CHECK(equals_ignoring_case("Content-LENGTH", "content-length"));
  CHECK_FALSE(equals_ignoring_case("[", "{"));
  CHECK_FALSE(equals_ignoring_case("a", "aa"));
}

TEST_CASE("equals_in_constant_time: agrees with ==") {
  CHECK(equals_in_constant_time("secret", "secret"));
  CHECK_FALSE(equals_in_constant_time("secret", "secreT"));
  CHECK_FALSE(equals_in_constant_time("secret", "secretsecret"));
  CHECK_FALSE(equals_in_constant_time("secretsecret", "secret"));
  CHECK_FALSE(equals_in_constant_time("x", ""));
  CHECK(equals_in_constant_time("", ""));
}

TEST_CASE("split: keeps empty parts and trims each") {
  std::vector<std::string> parts;
  split(" a , ,b", ',', [&](std::string_view part) { parts.emplace_back(part); });
  CHECK(parts == std::vector<std::string>{"a", "", "b"});
}

TEST_CASE("rfc3339: UTC with milliseconds, also before the epoch") {
  CHECK(rfc3339(WallTime(std::chrono::milliseconds(1769851800123))) == "2026-01-31T09:30:00.123Z");
  CHECK(rfc3339(WallTime(std::chrono::milliseconds(-1))) == "1969-12-31T23:59:59.999Z");
}
