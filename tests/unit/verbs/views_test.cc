#include "terminal.h"
#include "view.h"
#include "views/samples_view.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <doctest/doctest.h>

using namespace weir;
using namespace weir::verbs;

namespace {

std::string shown(Subject subject, std::string_view json, std::size_t width = 0) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  const Result<Json> answer = Json::parse(json);
  REQUIRE_MESSAGE(answer.is_ok(), json);
  return printed(view_of(subject).draw(answer.value(), width), false);
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    widest = std::max(widest, width_of(text.substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

}  // namespace

TEST_CASE("views: stats") {
  CHECK(shown(Subject::stats, R"({"total_requests":1234,"total_errors":124,"error_rate":10.05,"slow_queries_count":3,
      "requests_per_minute":61.2,"in_flight":2,"avg_duration":0.1,"p50_duration":0.11,"p90_duration":0.2,
      "p95_duration":0.31,"p99_duration":0.42,"max_duration":0.456,"since":"2026-01-31T09:30:00.123Z","window":"all",
      "endpoint_stats":{"GET /projects":{"total_requests":450,"error_rate":0.2,"p50_duration":0.11,"p95_duration":0.31,
      "p99_duration":0.42,"max_duration":0.456,"requests_per_minute":45,"slow_count":0,"time_spent":61.7}}})") ==
        "1,234 requests   124 errors (10.1%)   3 slow   61.2 a minute   2 in flight   since 2026-01-31 09:30:00\n"
        "p50 110 ms   p90 200 ms   p95 310 ms   p99 420 ms   max 456 ms\n"
        "\n"
        "ROUTE          REQUESTS  PER MIN  ERRORS     P50     P95     P99     MAX  SLOW  TIME\n"
        "GET /projects       450       45   0.20%  110 ms  310 ms  420 ms  456 ms     0   50%\n");
}

TEST_CASE("views: nothing yet is said in words") {
  constexpr const char* kNothing = R"({"total_requests":0,"total_errors":0,"error_rate":0,"slow_queries_count":0,
      "requests_per_minute":0,"in_flight":0,"avg_duration":null,"window":"1m","endpoint_stats":{}})";
  CHECK(shown(Subject::stats, kNothing) ==
        "0 requests   0 errors (0%)   0 slow   0 a minute   0 in flight   over the last 1m\n\nno request in this "
        "window\n");
  CHECK(
      shown(Subject::slow, R"({"slow_queries":[],"count":0,"threshold":1,"order":"newest","slow_queries_count":0})") ==
      "0 slow requests, of 1 s and more\n\nno slow request\n");
  CHECK(shown(Subject::cache, R"({"layers":{}})").starts_with("no answer has named a cache"));
  CHECK(shown(Subject::users, R"({"users":[],"source":null})").find("measure.user") != std::string::npos);
  CHECK(shown(Subject::routes, R"({"routes":[],"count":0,"max_routes":10})").find("no route yet") != std::string::npos);
}

TEST_CASE("views: a slow request says beside what it is slow") {
  const std::string page = shown(Subject::slow, R"({"count":2,"threshold":1,"order":"newest","slow_queries_count":1,
      "slow_queries":[{"duration":0.5,"slow_reason":"p99","usual_p99":0.04},{"duration":2,"slow_reason":"threshold"}]})");
  CAPTURE(page);
  CHECK(page.find("DURATION  WHY SLOW   STATUS") != std::string::npos);
  CHECK(page.find("500 ms  p99 40 ms  ") != std::string::npos);
  CHECK(page.find("2 s  threshold  ") != std::string::npos);
}

TEST_CASE("views: an answer that says less than expected leaves gaps and breaks nothing") {
  for (std::size_t i = 0; i < count_of<Subject>(); ++i) {
    const auto subject = static_cast<Subject>(i);
    for (const char* answer : {"{}", "[]", "null", R"({"endpoint_stats":{"a":null},"routes":[1],"users":[null],
        "source":"x","services":["s"],"layers":{"l":3},"slow_queries":[{}],"errors":[{}],"reasons":[7]})"}) {
      CAPTURE(label(subject));
      shown(subject, answer, 40);
    }
  }
}

TEST_CASE("views: health with its reasons") {
  CHECK(
      shown(Subject::health, R"({"status":"degraded","metrics":{"total_requests":400,"error_rate":6.5,"slow_queries":8,
      "uptime":"1h 0m"},"window":"5m","reasons":["errors are 6.5 %, healthy is below 5 %"]})") ==
      "degraded   400 requests over the last 5m   6.50% errors   8 slow   up 1h 0m\n"
      "  errors are 6.5 %, healthy is below 5 %\n");
}

TEST_CASE("views: where the time of a slow request went, longest first, without what does not matter") {
  const Json sample =
      Json::parse(R"({"duration":1.21,"phases":{"connect":0.1,"send":0.00001,"wait":1.09,"receive":0.02}})").value();
  CHECK(where_time_went(sample) == "wait 1.09 s, connect 100 ms");
}

TEST_CASE("views: slow requests and errors, whatever a client put into its path and name") {
  constexpr const char* kSample = R"({"timestamp":"2026-01-31T09:30:00.123Z","method":"GET","route":"/p/{id}",
      "path":"/p/\u001b[2J","status":200,"duration":1.21,"phases":{"wait":1.19},"upstream":"http://127.0.0.1:3000",
      "client":"127.0.0.1","user":"a\nb","request_id":"r-1","slow_reason":"threshold"})";
  constexpr const char* kSlow = R"({"count":1,"threshold":1,"order":"newest","slow_queries_count":1,"slow_queries":[)";
  const std::string slow = shown(Subject::slow, std::string(kSlow) + kSample + "]}");
  CHECK(slow ==
        "1 slow request, of 1 s and more   newest 1\n\n"
        "TIME (UTC)           DURATION  WHY SLOW   STATUS  REQUEST         WHERE THE TIME WENT  ROUTE        UPSTREAM"
        "               CLIENT     USER    REQUEST ID\n"
        "2026-01-31 09:30:00    1.21 s  threshold     200  GET /p/\\x1b[2J  wait 1.19 s          GET /p/{id}  "
        "http://127.0.0.1:3000  127.0.0.1  a\\x0ab  r-1\n");
  constexpr const char* kErrors = R"({"count":1,"total_errors":1,"total_requests":4,"error_rate":25,"window":"1m",
      "status":{"4xx":0,"5xx":0,"none":1},"errors":[)";
  const std::string errors = shown(Subject::errors, std::string(kErrors) + kSample + "]}");
  CHECK(errors.starts_with("1 error in 4 requests (25%) over the last 1m   1 without a status\n"));
  CHECK(errors.find('\x1b') == std::string::npos);
}

TEST_CASE("views: events of each type, and with tags") {
  CHECK(shown(Subject::events, R"({"events":[
      {"name":"download","type":"counter","count":3,"per_minute":1.5,"last_seen":"2026-01-31T09:30:00.123Z","series":[
        {"tags":{"plan":"pro"},"count":3,"per_minute":1.5,"last_seen":"2026-01-31T09:30:00.123Z"}]},
      {"name":"render","type":"timing","count":1,"per_minute":1,"avg_duration":0.12,"p50_duration":0.1,"p95_duration":0.2,
        "p99_duration":0.3,"last_seen":"2026-01-31T09:30:00.123Z"},
      {"name":"queue","type":"gauge","count":2,"per_minute":1,"value":7.5,"last_seen":"2026-01-31T09:30:00.123Z"}],
      "statsd":{"malformed":1}})") ==
        "EVENT       TYPE     COUNT  PER MIN   VALUE     P50     P95     P99  LAST SEEN (UTC)\n"
        "download    counter      3     1.50                                  2026-01-31 09:30:00\n"
        "  plan=pro               3     1.50                                  2026-01-31 09:30:00\n"
        "render      timing       1        1  120 ms  100 ms  200 ms  300 ms  2026-01-31 09:30:00\n"
        "queue       gauge        2        1     7.5                          2026-01-31 09:30:00\n"
        "\n"
        "StatsD: 1 line could not be read (--json shows the newest)\n");
}

TEST_CASE("views: figures of the system get their unit from their name") {
  const std::string text =
      shown(Subject::system, R"({"host":{"cpu_percent":{"current":12.5,"average":10,"max":80},"cpus":2},
      "process":{"resident_memory_bytes":{"current":8249344,"average":8118272,"max":8249344},"uptime_seconds":65},
      "samples":2,"sampled_every":5})");
  CHECK(text ==
        "FIGURE                        NOW   AVERAGE       MAX\n"
        "host cpu (of all cores)     12.5%       10%       80%\n"
        "host cpus                       2\n"
        "weir resident memory     7.87 MiB  7.74 MiB  7.87 MiB\n"
        "weir uptime                 1m 5s\n"
        "\n"
        "average and max of 2 readings, one every 5 s\n");
  CHECK(shown(Subject::system, R"({"samples":1,"sampled_every":5})").find("average and max of 1 reading, one every") !=
        std::string::npos);
}

TEST_CASE("views: a cut list of routes says how many there are") {
  const std::string text = shown(Subject::routes, R"({"routes":[{"pattern":"/a"},{"pattern":"/b"}],"count":2,"known":30,
      "max_routes":1000})");
  CHECK(text.starts_with("30 routes   2 shown   1,000 at most\n"));
}

TEST_CASE("views: what was counted is never said to be none") {
  CHECK(shown(Subject::slow, R"({"slow_queries":[],"count":0,"kept":0,"slow_queries_count":5,"threshold":1,
      "own_thresholds":2,"order":"newest"})") ==
        "5 slow requests, of 1 s and more (2 routes have another threshold)\n\n"
        "none that is kept fits what you asked for; 5 slow requests counted in all\n");
  CHECK(shown(Subject::errors, R"({"errors":[],"count":0,"kept":0,"total_errors":1,"total_requests":3000000,
      "error_rate":3.333e-05,"window":"1h"})") ==
        "1 error in 3,000,000 requests (<0.01%) over the last 1h\n\n"
        "none that is kept fits what you asked for; 1 error counted in all\n");
}

TEST_CASE("views: a share of CPU says of what") {
  const std::string text = shown(Subject::system, R"({"host":{"cpu_percent":{"current":50,"average":40,"max":60}},
      "process":{"cpu_percent":{"current":150,"average":90,"max":200}}})");
  CHECK(text.find("host cpu (of all cores)") != std::string::npos);
  CHECK(text.find("weir cpu (of one core)") != std::string::npos);
}

TEST_CASE("views: tables fit 60 columns, and leave out what is worth least") {
  const std::string services = shown(Subject::services, R"({"services":[{"upstream":"payments",
      "url":"http://payments.internal.example:8080","state":"recovering","checked":true,
      "last_check":{"outcome":"connect_failed","latency":0.0123,"good":false},"total_requests":123456789,
      "error_rate":33.3,"p50_duration":0.123,"p99_duration":1.23,"last_seen":"2026-01-31T09:30:00Z"}]})",
                                     60);
  CHECK(widest_line(services) <= 60);
  CHECK(services.starts_with("SERVER"));
  CHECK(services.find("ERRORS") != std::string::npos);
  CHECK(services.find("33.3%") != std::string::npos);
  CHECK(services.find("P50") == std::string::npos);

  constexpr const char* kSample =
      R"([{"timestamp":"2026-01-31T09:30:00.123Z","method":"GET","route":"/projects/{id}/items",
      "path":"/projects/1234567/items/of/a/kind","status":504,"fault":"upstream_idle_timeout","duration":1.21,
      "phases":{"wait":0.7,"connect":0.51},"upstream":"http://127.0.0.1:3000","client":"127.0.0.1",
      "user":"somebody@example.com","request_id":"r-1","slow_reason":"threshold"}])";
  const std::string errors =
      shown(Subject::errors, std::string(R"({"count":1,"total_errors":1,"errors":)") + kSample + "}", 60);
  CHECK(errors.substr(errors.find("\n\n") + 2) ==
        "TIME (UTC)      STATUS  FAULT           REQUEST\n"
        "01-31 09:30:00     504  upstream_idle…  GET /projects/12345…\n");
  const std::string slow =
      shown(Subject::slow, std::string(R"({"count":1,"slow_queries_count":1,"slow_queries":)") + kSample + "}", 60);
  CHECK(widest_line(slow) <= 60);
  CHECK(slow.find("WHERE THE TIME WENT") != std::string::npos);
  CHECK(slow.find("STATUS") != std::string::npos);
  CHECK(slow.find("USER") == std::string::npos);
}
