#include <weir/export/course_json.h>

#include <doctest/doctest.h>

#include "sample_ledger.h"

using namespace weir;

TEST_CASE("series: without a request there are no slices and no durations") {
  SampleLedger ledger;
  CHECK(exporter::course_json(ledger.course(stats::Window::minute), false) ==
        R"({"window":"1m","step_seconds":5,"from":"2026-01-31T09:30:00.000Z","since":"2026-01-31T09:30:00.000Z",)"
        R"("bounds":[],"slices":[],"count":0,"current":{"from":"2026-01-31T09:30:00.000Z","seconds":10,)"
        R"("total_requests":0,"requests_per_minute":0,"total_errors":0,"error_rate":0,"slow_count":0,)"
        R"("status":{"2xx":0,"3xx":0,"4xx":0,"5xx":0},"avg_duration":null,"min_duration":null,"max_duration":null,)"
        R"("p50_duration":null,"p90_duration":null,"p95_duration":null,"p99_duration":null,"p999_duration":null},)"
        R"("before":null,"relative_error":0.005415159415902569,"as_of":"2026-01-31T09:30:10.000Z"})");
}

TEST_CASE("series: each slice counts its own, and its durations add up over the buckets of the heat map") {
  SampleLedger ledger;
  ledger.finish({.route = SampleLedger::kProjects, .duration = 62500us, .path = "/projects"}, 1s);
  ledger.finish({.route = SampleLedger::kProjects, .duration = 62500us, .path = "/projects"}, 2s);
  ledger.finish({.route = SampleLedger::kProjects, .status = 500, .duration = 250ms, .path = "/projects"}, 3s);
  ledger.finish({.route = SampleLedger::kProjects, .duration = 0s, .path = "/projects"}, 7s);
  const std::string json = exporter::course_json(ledger.course(stats::Window::five_minutes), true);
  CHECK(json.find(R"("bounds":[0.0625,0.088388348,0.125,0.176776695,0.25],)") != std::string::npos);
  CHECK(json.find(
            R"([{"from":"2026-01-31T09:30:00.000Z","seconds":5,"total_requests":3,"requests_per_minute":36,)"
            R"("total_errors":1,"error_rate":33.3333,"slow_count":0,"status":{"2xx":2,"3xx":0,"4xx":0,"5xx":1},)") !=
        std::string::npos);
  CHECK(json.find(R"("highest_in_flight":3,"buckets":[[0,2],[4,1]]},)") != std::string::npos);
  CHECK(json.find(R"("highest_in_flight":3,"buckets":[[0,1]]}],"count":2,)") != std::string::npos);
  CHECK(json.find(R"("stale":true)") != std::string::npos);
}
