#include <weir/base/timestamp.h>

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("timestamp: RFC 3339 in any zone is one instant") {
  for (const char* text : {"2026-01-31T09:30:00.123Z", "2026-01-31t09:30:00.1230z", "2026-01-31 10:30:00.123+01:00",
                           "2026-01-30T23:30:00.123-10:00", "2026-01-31T09:30:00.123999-00:00"}) {
    const auto at = parse_rfc3339(text);
    CHECK_MESSAGE(at.has_value(), text);
    if (at) CHECK_MESSAGE(rfc3339(*at) == "2026-01-31T09:30:00.123Z", text);
  }
  CHECK(rfc3339(*parse_rfc3339("2024-02-29T23:59:60Z")) == "2024-03-01T00:00:00.000Z");
}

TEST_CASE("timestamp: what is none is refused") {
  for (const char* text : {"", "now", "2026-01-31", "2026-01-31T09:30Z", "2026-01-31T09:30:00", "2026-02-29T09:30:00Z",
                           "2026-13-01T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T09:60:00Z",
                           "2026-01-31T09:30:00.Z", "2026-01-31T09:30:00+1:00", "2026-01-31T09:30:00Z ",
                           " 2026-01-31T09:30:00Z", "+026-01-31T09:30:00Z", "0000-01-01T00:00:00Z", "1769852000"}) {
    CHECK_MESSAGE(!parse_rfc3339(text), text);
  }
}
