#include <weir/base/units.h>

#include <doctest/doctest.h>

using namespace weir;

namespace {

Nanos duration(std::string_view text) {
  const Result<Nanos> result = parse_duration(text);
  REQUIRE_MESSAGE(result.is_ok(), text);
  return result.value();
}

std::uint64_t size_of(std::string_view text) {
  const Result<std::uint64_t> result = parse_size(text);
  REQUIRE_MESSAGE(result.is_ok(), text);
  return result.value();
}

}  // namespace

TEST_CASE("parse_duration: one decimal number with one unit, exact") {
  CHECK(duration("250us") == 250us);
  CHECK(duration("200ms") == 200ms);
  CHECK(duration("1.5s") == 1500ms);
  CHECK(duration("5m") == 5min);
  CHECK(duration("1h") == 1h);
  CHECK(duration("30d") == 24h * 30);
  CHECK(duration("0s") == 0s);
  CHECK(duration("0.1h") == 6min);
  CHECK(duration("0.000000001s") == 1ns);
  CHECK(duration("007s") == 7s);
}

TEST_CASE("parse_duration: says what is wrong") {
  CHECK(parse_duration("10").error().message == "\"10\" has no unit");
  CHECK(parse_duration("").error().message == "\"\" is no duration");
  CHECK(parse_duration("-1s").error().message == "\"-1s\" is no duration");
  CHECK(parse_duration("1 s").error().message == "\"1 s\" is no duration");
  CHECK(parse_duration("1.s").error().message == "\"1.s\" is no duration");
  CHECK(parse_duration("1h30m").error().message == "\"1h30m\" is no duration");
  CHECK(parse_duration("1S").error().message == "\"1S\" is no duration");
  CHECK(parse_duration("1e3s").error().message == "\"1e3s\" is no duration");
  CHECK(parse_duration("0.5ns").error().message == "\"0.5ns\" has too many decimals");
}

TEST_CASE("parse_duration: what does not fit 64 bits is refused, not wrapped") {
  CHECK(duration("106751d") == 24h * 106751);
  CHECK(parse_duration("106752d").error().message == "\"106752d\" is too large");
  CHECK(duration("9223372036854775807ns") == Nanos::max());
  CHECK(parse_duration("9223372036854775808ns").error().message == "\"9223372036854775808ns\" is too large");
  CHECK_FALSE(parse_duration("99999999999999999999999999999999s"));
  CHECK_FALSE(parse_duration("213503982334601d"));  // 2^64 seconds: wraps to a small one where nobody looks
}

TEST_CASE("parse_size: bytes, or a binary unit") {
  CHECK(size_of("0") == 0);
  CHECK(size_of("4096") == 4096);
  CHECK(size_of("16KiB") == 16384);
  CHECK(size_of("10MiB") == 10485760);
  CHECK(size_of("1.5GiB") == 1610612736);
  CHECK(size_of("1TiB") == 1099511627776);
  CHECK(parse_size("16KB").error().message == "\"16KB\" is no size");
  CHECK(parse_size("unlimited").error().message == "\"unlimited\" is no size");
  CHECK(parse_size("0.3").error().message == "\"0.3\" has too many decimals");
  CHECK(parse_size("8388608TiB").error().message == "\"8388608TiB\" is too large");
  CHECK(parse_size("18446744073709551616").error().message == "\"18446744073709551616\" is too large");
}

TEST_CASE("parse_percent: 0 to 100 with its sign") {
  CHECK(parse_percent("0.5%").value() == 0.5);
  CHECK(parse_percent("100%").value() == 100);
  CHECK(parse_percent("5").error().message == "\"5\" has no % sign");
  CHECK(parse_percent("100.1%").error().message == "\"100.1%\" is more than 100%");
  CHECK(parse_percent("-1%").error().message == "\"-1%\" is no percentage");
  CHECK(parse_percent("1 %").error().message == "\"1 %\" is no percentage");
  CHECK_FALSE(parse_percent("1e1%"));
  CHECK_FALSE(parse_percent("nan%"));
}

TEST_CASE("format: the largest unit that leaves a whole number, and it reads back to the same") {
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(1500ms) == "1500ms");
  CHECK(format_duration(24h * 30) == "30d");
  CHECK(format_duration(0s) == "0s");
  CHECK(format_size(16384) == "16KiB");
  CHECK(format_size(1000) == "1000");
  CHECK(format_size(0) == "0");
  CHECK(format_percent(0.5) == "0.5%");
  CHECK(format_percent(10) == "10%");
  for (std::int64_t nanos = 1; nanos < INT64_MAX / 7; nanos = nanos * 7 + 1) {
    CHECK(duration(format_duration(Nanos(nanos))) == Nanos(nanos));
    CHECK(size_of(format_size(static_cast<std::uint64_t>(nanos) * 6)) == static_cast<std::uint64_t>(nanos) * 6);
  }
}
