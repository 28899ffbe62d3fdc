#include <weir/export/performance_json.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "sample_ledger.h"

using namespace weir;

namespace {

/// Compares with a file of tests/golden/export. WEIR_WRITE_GOLDEN=1 writes it instead: look at what changed.
void check_golden(const std::string& name, const std::string& text) {
  const std::string file = std::string(GOLDEN_FOLDER) + "/" + name;
  if (std::getenv("WEIR_WRITE_GOLDEN") != nullptr) std::ofstream(file) << text << '\n';
  std::ifstream stream(file);
  const std::string golden{std::istreambuf_iterator<char>(stream), {}};
  CHECK(golden == text + "\n");
}

}  // namespace

TEST_CASE("stats: an empty ledger has counts of zero and durations of null") {
  SampleLedger ledger;
  check_golden("stats_empty.json", exporter::stats_json(ledger.picture(), {}));
}

TEST_CASE("stats: everything that was recorded, to the byte") {
  SampleLedger ledger;
  ledger.fill();
  check_golden("stats.json", exporter::stats_json(ledger.picture(), {}));
}

TEST_CASE("samples: ordinary ones alone, with what they are known by") {
  SampleLedger ledger;
  ledger.fill();
  CHECK(exporter::samples_json(ledger.picture(), {}).starts_with(R"({"samples":[],"count":0,"order":"newest",)"));
  ledger.finish({.route = SampleLedger::kProjects, .duration = 5ms, .path = "/projects", .traits = stats::kSampled},
                7s);
  const std::string json = exporter::samples_json(ledger.picture(), {});
  CHECK(json.find(R"("count":1,)") != std::string::npos);
  CHECK(json.find(R"("slow_reason":null,)") != std::string::npos);
  CHECK(json.find(R"("concurrency":3,"route_concurrency":2,)") != std::string::npos);
}

TEST_CASE("slow-queries: what is slow for its route alone says so, and may be chosen") {
  SampleLedger ledger;
  for (int i = 0; i < 250; ++i) {
    ledger.finish({.route = SampleLedger::kProjects, .duration = 10ms, .path = "/projects"}, 1s);
  }
  ledger.finish({.route = SampleLedger::kProjects, .duration = 400ms, .path = "/projects"}, 2s);
  const std::string json = exporter::slow_queries_json(ledger.picture(), {});
  CHECK(json.find(R"("slow_reason":"p99","usual_p99":0.01,)") != std::string::npos);
  CHECK(json.find(R"("slow_queries_count":0,)") != std::string::npos);
  CHECK(exporter::slow_queries_json(ledger.picture(), {.reason = exporter::Reason::threshold}).find(R"("count":0,)") !=
        std::string::npos);
}

TEST_CASE("stats: a selection counts its own alone") {
  SampleLedger ledger;
  ledger.fill();
  exporter::Picture picture = ledger.picture();
  picture.selection = {.routes = std::vector{SampleLedger::kProjects}, .method = Method::post};
  const std::string json = exporter::stats_json(picture, {});
  CHECK(json.starts_with(R"({"total_requests":1,"total_errors":0,"error_rate":0,)"));
  CHECK(json.find(R"("POST /projects":{"total_requests":1)") != std::string::npos);
  CHECK(json.find("GET /projects") == std::string::npos);
  CHECK(json.find(R"("recent_slow_queries":[])") != std::string::npos);
}

TEST_CASE("stats: routes come in the order asked for, and no more than asked for") {
  SampleLedger ledger;
  ledger.fill();
  const std::string json = exporter::stats_json(ledger.picture(), {.sort = "max_duration", .limit = 2});
  const std::size_t slowest = json.find("\"GET /projects/{id}\":{");
  const std::size_t second = json.find("\"POST /projects\":{");
  REQUIRE(slowest != std::string::npos);
  REQUIRE(second != std::string::npos);
  CHECK(slowest < second);
  CHECK(json.find("\"GET /projects\":{") == std::string::npos);
  CHECK(exporter::is_sort_key("p99_duration"));
  CHECK(exporter::is_sort_key("time_spent"));
  CHECK(!exporter::is_sort_key("p99"));
}

TEST_CASE("stats: a window that has passed the traffic by shows the routes without durations") {
  SampleLedger ledger;
  ledger.finish({.route = SampleLedger::kProjects, .duration = 3s, .path = "/projects", .traits = stats::kSlow}, -5min);
  exporter::Picture picture = ledger.picture(stats::Window::minute);
  picture.is_stale = true;
  const std::string json = exporter::stats_json(picture, {});
  CHECK(json.find("\"stale\":true") != std::string::npos);
  CHECK(json.find(":nan") == std::string::npos);
}

TEST_CASE("slow-queries: newest or slowest, from a duration on, with the route's own threshold") {
  SampleLedger ledger;
  ledger.fill();
  ledger.finish({.route = SampleLedger::kProjects, .duration = 1500ms, .path = "/projects", .traits = stats::kSlow},
                7s);
  const exporter::Picture picture = ledger.picture();
  check_golden("slow_queries.json", exporter::slow_queries_json(picture, {}));
  const std::string slowest = exporter::slow_queries_json(picture, {.limit = 1, .order = exporter::Order::slowest});
  CHECK(slowest.find("\"path\":\"/projects/17\"") != std::string::npos);
  CHECK(slowest.find("\"count\":1,\"threshold\":1,") != std::string::npos);
  CHECK(
      exporter::slow_queries_json(picture, {.min = 3s}).starts_with(R"({"slow_queries":[],"count":0,"threshold":1,)"));
  exporter::Picture one = picture;
  one.selection.routes = std::vector{SampleLedger::kProject};
  CHECK(exporter::slow_queries_json(one, {}).find("\"count\":1,\"threshold\":2,") != std::string::npos);
}

TEST_CASE("errors: each with its fault and side") {
  SampleLedger ledger;
  ledger.fill();
  check_golden("errors.json", exporter::errors_json(ledger.picture(), {}));
}

TEST_CASE("metrics: a set of distributions a window") {
  SampleLedger ledger;
  ledger.fill();
  const std::vector<exporter::Picture> pictures = {ledger.picture(stats::Window::minute), ledger.picture()};
  check_golden("metrics.json", exporter::metrics_json(pictures));
}

TEST_CASE("routes: what the book says, with the requests of each") {
  SampleLedger ledger;
  ledger.fill();
  const std::vector<exporter::RouteEntry> routes = {{.id = SampleLedger::kProjects,
                                                     .pattern = "/projects",
                                                     .method = "",
                                                     .path = "/projects",
                                                     .name = "",
                                                     .source = "openapi",
                                                     .file = "openapi.yaml",
                                                     .group = "api",
                                                     .explain = "it is in the configuration",
                                                     .distinct_paths = 1},
                                                    {.id = SampleLedger::kProject,
                                                     .pattern = "GET /projects/{id}",
                                                     .method = "GET",
                                                     .path = "/projects/{id}",
                                                     .name = "a project",
                                                     .source = "learned",
                                                     .file = "",
                                                     .group = "",
                                                     .explain = "12 numbers",
                                                     .distinct_paths = 12,
                                                     .is_pinned = true}};
  check_golden("routes.json", exporter::routes_json(*ledger.picture().view, routes, 1000));
}

TEST_CASE("routes: in the order asked for, and no more than asked for") {
  SampleLedger ledger;
  ledger.fill();
  std::vector<exporter::RouteEntry> routes(2);
  routes[0].id = SampleLedger::kProject;
  routes[0].path = "/b";
  routes[1].id = SampleLedger::kProjects;
  routes[1].path = "/a";
  routes[1].distinct_paths = 12;
  const auto first = [&](exporter::RouteSort sort) {
    const std::string json = exporter::routes_json(*ledger.picture().view, routes, 1000, {.sort = sort, .limit = 1});
    CHECK(json.find(R"("count":1,"known":2,)") != std::string::npos);
    return json.find(R"("path":"/a")") != std::string::npos ? "/a" : "/b";
  };
  CHECK(first(exporter::RouteSort::known) == "/b");
  CHECK(first(exporter::RouteSort::path) == "/a");
  CHECK(first(exporter::RouteSort::total_requests) == "/a");
  CHECK(first(exporter::RouteSort::distinct_paths) == "/a");
}

TEST_CASE("narrowed: a total of what was selected alone") {
  SampleLedger ledger;
  ledger.fill();
  exporter::Picture picture = ledger.picture();
  CHECK(exporter::narrowed(picture) == picture.view);
  picture.selection.routes = std::vector{SampleLedger::kProjects};
  CHECK(exporter::narrowed(picture)->total.counts.requests == 2);
  CHECK(exporter::narrowed(picture)->uptime == picture.view->uptime);
}

TEST_CASE("health: its state, figures and reasons") {
  SampleLedger ledger;
  ledger.fill();
  const judge::Health health{judge::HealthState::unhealthy, {"40 % of requests fail"}};
  check_golden("health.json", exporter::health_json(*ledger.picture(stats::Window::five_minutes).view, health, false));
}

TEST_CASE("uptime_text: the two largest units") {
  CHECK(exporter::uptime_text(12s) == "12s");
  CHECK(exporter::uptime_text(5min + 12s) == "5m 12s");
  CHECK(exporter::uptime_text(1h) == "1h 0m");
  CHECK(exporter::uptime_text(51h) == "2d 3h");
}

TEST_CASE("Legend: names are UTF-8 without control characters, whatever the route") {
  CHECK(exporter::printable("/caf\xc3\xa9/{id}") == "/caf\xc3\xa9/{id}");
  CHECK(exporter::printable("/\xff/\n\x7f") == "/%FF/%0A%7F");
  SampleLedger ledger;
  CHECK(ledger.legend()->tag(SampleLedger::kProject, Method::get) == "GET /projects/{id}");
  CHECK(ledger.legend()->tag(kUnmatchedRoute, Method::get) == "(unmatched)");
  CHECK(ledger.legend()->tag(RouteId(77), Method::get) == "(unmatched)");
}
