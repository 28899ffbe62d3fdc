#include <string>

#include <doctest/doctest.h>

#include <weir/export/prometheus.h>

#include "sample_ledger.h"

using namespace weir;

namespace {

constexpr auto kFormat = exporter::TextFormat::prometheus;

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

void fill(SampleLedger& ledger) {
  ledger.finish({.route = SampleLedger::kProjects, .components = "db=125", .cache = "hit l1"}, 1s);
  ledger.finish({.route = SampleLedger::kProjects, .components = "db=250", .cache = "miss l1"}, 1s);
  ledger.finish({.route = SampleLedger::kProject, .cache = "hit l1"}, 1s);
  ledger.finish({.route = SampleLedger::kProject, .cache = "unknown c\"dn"}, 1s);
}

}  // namespace

TEST_CASE("Stats: components and caches stand with their route and with the whole") {
  SampleLedger ledger;
  fill(ledger);
  const std::string text = exporter::stats_json(ledger.picture(), {});
  const std::string db = R"("components":{"db":{"count":2,"avg":0.1875,"min":0.125,"max":0.25,)";
  CHECK(text.find(db) != text.rfind(db));
  CHECK(holds(text, R"("caches":{"l1":{"hits":1,"misses":1,"unknown":0,"hit_rate":50}})"));
  CHECK(holds(text, R"("l1":{"hits":2,"misses":1,"unknown":0,"hit_rate":66.6667})"));
}

TEST_CASE("Cache stats: each layer in all and by route, and no rate where there is none") {
  SampleLedger ledger;
  fill(ledger);
  CHECK(exporter::cache_stats_json(ledger.picture()) ==
        R"({"hits":2,"misses":1,"unknown":1,"hit_rate":66.6667,"layers":{)"
        R"("c\"dn":{"hits":0,"misses":0,"unknown":1,"hit_rate":null,"endpoints":{)"
        R"("GET /projects/{id}":{"hits":0,"misses":0,"unknown":1,"hit_rate":null}}},)"
        R"("l1":{"hits":2,"misses":1,"unknown":0,"hit_rate":66.6667,"endpoints":{)"
        R"("GET /projects":{"hits":1,"misses":1,"unknown":0,"hit_rate":50},)"
        R"("GET /projects/{id}":{"hits":1,"misses":0,"unknown":0,"hit_rate":100}}}},)"
        R"("window":"all","as_of":"2026-01-31T09:30:10.000Z"})");
  auto picture = ledger.picture();
  picture.selection.routes = {{SampleLedger::kProjects}};
  CHECK(
      holds(exporter::cache_stats_json(picture), R"({"hits":1,"misses":1,"unknown":0,"hit_rate":50,"layers":{"l1":)"));
}

TEST_CASE("Prometheus: components are histograms, cache answers counters") {
  SampleLedger ledger;
  fill(ledger);
  const std::string text =
      exposition_of({ledger.cumulative(), ledger.legend(), {}, "1", std::nullopt, std::nullopt, {}, 0}, kFormat);
  const std::string projects = R"({method="GET",route="/projects",)";
  CHECK(holds(text, "weir_component_duration_seconds_count" + projects + R"(component="db"} 2)"));
  CHECK(holds(text, "weir_component_duration_seconds_sum" + projects + R"(component="db"} 0.375)"));
  CHECK(holds(text, "weir_cache_answers_total" + projects + R"(cache="l1",outcome="miss"} 1)"));
  CHECK(holds(text, R"(cache="c\"dn",outcome="unknown"} 1)"));
}

TEST_CASE("Metrics: durations by concurrency, and the busy times of the day") {
  SampleLedger ledger;
  fill(ledger);
  const std::vector<exporter::Picture> pictures = {ledger.picture()};
  const std::string text = exporter::metrics_json(pictures);
  CHECK(holds(text, R"("levels":[{"from":3,"to":4,"duration":{"count":4,)"));
  CHECK(holds(text, R"("day":{"peak_minute":{"at":"2026-01-31T09:30:00.000Z","requests":4},"peak_hour_utc":9,)"
                    R"("requests_by_hour_utc":[0,0,0,0,0,0,0,0,0,4,0,)"));
  const std::string empty = exporter::metrics_json(std::vector<exporter::Picture>{SampleLedger().picture()});
  CHECK(holds(empty, R"("day":{"peak_minute":null,"peak_hour_utc":null,)"));
  const std::string scrape =
      exposition_of({ledger.cumulative(), ledger.legend(), {}, "1", std::nullopt, std::nullopt, {}, 0}, kFormat);
  CHECK(holds(scrape, R"(weir_request_duration_by_concurrency_seconds_count{concurrency="4"} 4)"));
}
