#include "quantities.h"

#include <cstdlib>
#include <ctime>
#include <limits>

#include <doctest/doctest.h>

using namespace weir::verbs;

TEST_CASE("quantities: durations have three digits and the unit that fits") {
  CHECK(duration_text(std::nullopt) == "-");
  CHECK(duration_text(0) == "0 s");
  CHECK(duration_text(41e-9) == "41 ns");
  CHECK(duration_text(0.9996e-6) == "1.00 us");
  CHECK(duration_text(0.000850) == "850 us");
  CHECK(duration_text(0.00999949) == "10.0 ms");
  CHECK(duration_text(0.009545532) == "9.55 ms");
  CHECK(duration_text(0.1) == "100 ms");
  CHECK(duration_text(0.9996) == "1.00 s");
  CHECK(duration_text(1.214) == "1.21 s");
  CHECK(duration_text(5) == "5 s");
  CHECK(duration_text(59.96) == "1m 0s");
  CHECK(duration_text(125) == "2m 5s");
  CHECK(duration_text(3600) == "1h 0m");
  CHECK(duration_text(3 * 86400 + 4 * 3600) == "3d 4h");
}

TEST_CASE("quantities: counts, rates, percent and sizes") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1234567) == "1,234,567");
  CHECK(count_text(12'345'678) == "12.3M");
  CHECK(count_text(4.56e9) == "4.56G");
  CHECK(rate_text(0) == "0");
  CHECK(rate_text(0.254) == "0.25");
  CHECK(rate_text(8) == "8");
  CHECK(rate_text(45.23) == "45.2");
  CHECK(rate_text(61234.5) == "61,234");
  CHECK(percent_text(0) == "0%");
  CHECK(percent_text(0.001) == "<0.01%");
  CHECK(percent_text(0.9975) == "1.00%");
  CHECK(percent_text(12.345) == "12.3%");
  CHECK(percent_text(100) == "100%");
  CHECK(size_text(512) == "512 B");
  CHECK(size_text(5123) == "5.00 KiB");
  CHECK(size_text(1023 * 1024) == "1.00 MiB");
  CHECK(size_text(1'288'490'188) == "1.20 GiB");
}

TEST_CASE("quantities: what no answer should hold is not drawn") {
  CHECK(duration_text(std::numeric_limits<double>::quiet_NaN()) == "-");
  CHECK(count_text(std::numeric_limits<double>::infinity()) == "-");
  CHECK(percent_text(-1) == "-");
}

TEST_CASE("quantities: times are those of the reader's time zone") {
  ::setenv("TZ", "CET-1", 1);
  ::tzset();
  CHECK(local_time_text("2026-01-31T23:30:00.123Z") == "2026-02-01 00:30:00");
  CHECK(local_clock_text("2026-01-31T09:30:00.123Z") == "10:30:00");
  CHECK(time_zone() == "CET");
  CHECK(local_time_text("") == "-");
  CHECK(local_time_text("yesterday") == "yesterday");
  ::unsetenv("TZ");
  ::tzset();
}

TEST_CASE("Quantities: what is not all is not written as all, what is not nothing not as nothing") {
  CHECK(percent_text(99.96) == "99.96%");
  CHECK(percent_text(99.9499) == "99.94%");
  CHECK(percent_text(99.9) == "99.9%");
  CHECK(percent_text(99.99996667) == ">99.99%");
  CHECK(percent_text(100.0) == "100%");
  CHECK(percent_text(3.333e-05) == "<0.01%");
  CHECK(percent_text(250.0) == "250%");
}
