#include <weir/http/server_timing.h>

#include <string>
#include <utility>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::http;

namespace {

using Timings = std::vector<std::pair<std::string, Nanos>>;

Timings read(std::string_view value) {
  std::vector<ServerTiming> timings;
  read_server_timing(value, timings);
  Timings copies;
  for (const ServerTiming& timing : timings) copies.emplace_back(timing.name, timing.duration);
  return copies;
}

}  // namespace

TEST_CASE("Server-Timing: names and durations in milliseconds, in any order of parameters") {
  CHECK(read("db;dur=53.2, app;desc=\"App, the; big\";dur=47.25") == Timings{{"db", 53'200us}, {"app", 47'250us}});
  CHECK(read("total ; dur = 123.4 ; desc=x") == Timings{{"total", 123'400us}});
  CHECK(read("db;DUR=\"12.5\"") == Timings{{"db", 12'500us}});
  CHECK(read("db;dur=1e3") == Timings{{"db", 1s}});
  CHECK(read("db;dur=0") == Timings{{"db", 0s}});
}

TEST_CASE("Server-Timing: of a parameter that comes twice the first counts, even if it says nothing") {
  CHECK(read("db;dur=1;dur=2") == Timings{{"db", 1ms}});
  CHECK(read("db;dur=x;dur=2").empty());
}

TEST_CASE("Server-Timing: a name that comes again adds to its first") {
  CHECK(read("db;dur=1, auth;dur=2, db;dur=3") == Timings{{"db", 4ms}, {"auth", 2ms}});
}

TEST_CASE("Server-Timing: an entry without a duration is no time") {
  CHECK(read("miss, db;dur=5, cache;desc=\"hit; dur=9\", cpu;dur=") == Timings{{"db", 5ms}});
}

TEST_CASE("Server-Timing: a plus sign before a number is passed over") {
  CHECK(read("a;dur=+7, b;dur=+-7, c;dur=++7").size() == 1);
}

TEST_CASE("Server-Timing: no number, a negative one and more than a day say nothing") {
  CHECK(read("a;dur=-1, b;dur=nan, c;dur=inf, d;dur=1e300, e;dur=86400001, f;dur=five, g;dur=2").size() == 1);
}

TEST_CASE("Server-Timing: garbage is passed over and makes no figures of its own") {
  CHECK(read("").empty());
  CHECK(read(",,;;==\"").empty());
  CHECK(read("=;dur=1, @;dur=2, db;dur=3") == Timings{{"db", 3ms}});
  CHECK(read("db;;dur=3;=4;x") == Timings{{"db", 3ms}});
  CHECK(read("db;dur=3 and more, app;dur=4") == Timings{{"db", 3ms}, {"app", 4ms}});
  CHECK(read("a;desc=\"never closed, db;dur=3").empty());
  CHECK(read("a;desc=\"an \\\" in it, b;dur=1\", db;dur=3") == Timings{{"db", 3ms}});
}

TEST_CASE("Server-Timing: 32 metrics of one answer are read, not more") {
  std::string value;
  for (int i = 0; i < 100; ++i) value += "m" + std::to_string(i) + ";dur=1,";
  CHECK(read(value).size() == kMaxServerTimings);
}
