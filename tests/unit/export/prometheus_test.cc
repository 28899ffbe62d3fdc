#include "lab/exposition.h"
#include "sample_ledger.h"

#include <cmath>
#include <cstdio>
#include <doctest/doctest.h>
#include <fstream>
#include <sstream>

#include <weir/export/prometheus.h>

using namespace weir;
using exporter::TextFormat;

namespace {

std::string scrape(SampleLedger& ledger, TextFormat format) {
  exporter::Scrape scrape;
  scrape.cumulative = ledger.cumulative();
  scrape.legend = ledger.legend();
  scrape.version = "0.1.0";
  scrape.process.emplace();
  scrape.process->cpu_seconds = 1.5;
  return exposition_of(scrape, format);
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("Prometheus: counters carry method, route and code") {
  SampleLedger ledger;
  ledger.fill();
  const std::string text = scrape(ledger, TextFormat::prometheus);
  CHECK(has_line(text, "# TYPE weir_requests_total counter"));
  CHECK(has_line(text, R"(weir_requests_total{method="GET",route="/projects",code="2xx"} 1)"));
  CHECK(has_line(text, R"x(weir_requests_total{method="GET",route="(unmatched)",code="4xx"} 1)x"));
  CHECK(has_line(text, R"x(weir_request_errors_total{method="POST",route="(unmatched)"} 1)x"));
  CHECK(has_line(
      text,
      R"x(weir_request_faults_total{method="POST",route="(unmatched)",fault="connect_failed",side="upstream"} 1)x"));
  CHECK(has_line(text, R"(weir_upstream_requests_total{server="http://127.0.0.1:3000",upstream="app",code="2xx"} 3)"));
  CHECK(has_line(text, R"(weir_build_info{version="0.1.0"} 1)"));
  CHECK(has_line(text, "process_cpu_seconds_total 1.5"));
  CHECK(text.find("# EOF") == std::string::npos);
}

TEST_CASE("Prometheus: a boundary belongs to its bucket, and every bucket is exact") {
  SampleLedger ledger;
  // 62.5 ms is 2^-4 s: exactly on a boundary; a nanosecond more is beyond it.
  ledger.finish({.route = SampleLedger::kProjects, .duration = 62500us, .path = ""}, 1s);
  ledger.finish({.route = SampleLedger::kProjects, .duration = Nanos(62500001), .path = ""}, 1s);
  ledger.finish({.route = SampleLedger::kProjects, .duration = 100s, .path = ""}, 1s);
  const std::string text = scrape(ledger, TextFormat::prometheus);
  const std::string name = R"(weir_request_duration_seconds_bucket{method="GET",route="/projects",le=")";
  CHECK(has_line(text, name + "0.000244140625\"} 0"));
  CHECK(has_line(text, name + "0.03125\"} 0"));
  CHECK(has_line(text, name + "0.0625\"} 1"));
  CHECK(has_line(text, name + "0.125\"} 2"));
  CHECK(has_line(text, name + "64.0\"} 2"));
  CHECK(has_line(text, name + "+Inf\"} 3"));
  CHECK(has_line(text, R"(weir_request_duration_seconds_count{method="GET",route="/projects"} 3)"));
  CHECK(has_line(text, R"(weir_request_duration_seconds_sum{method="GET",route="/projects"} 100.125000001)"));
}

TEST_CASE("Prometheus: OpenMetrics names families without _total and says where it ends") {
  SampleLedger ledger;
  ledger.fill();
  const std::string text = scrape(ledger, TextFormat::openmetrics);
  CHECK(has_line(text, "# TYPE weir_requests counter"));
  CHECK(has_line(text, R"(weir_requests_total{method="GET",route="/projects",code="2xx"} 1)"));
  CHECK(has_line(text, "# UNIT weir_request_duration_seconds seconds"));
  CHECK(text.ends_with("\n# EOF\n"));
}

TEST_CASE("Prometheus: label values are escaped") {
  auto legend = std::make_shared<exporter::Legend>();
  legend->routes = {{}, {"/a\"b\\c\nd", "", Nanos(0)}};
  SampleLedger ledger;
  ledger.finish({.route = SampleLedger::kProjects, .duration = 1ms, .path = ""}, 1s);
  const std::string text =
      exposition_of({ledger.cumulative(), legend, {}, "1", std::nullopt, std::nullopt, {}, 0}, TextFormat::prometheus);
  CHECK(text.find(R"(route="/a\"b\\c\nd")") != std::string::npos);
}

TEST_CASE("Prometheus: two ids of one name are one series") {
  auto legend = std::make_shared<exporter::Legend>();
  legend->routes = {{}, {"/same", "", Nanos(0)}, {"/same", "", Nanos(0)}};
  SampleLedger ledger;
  ledger.finish({.route = SampleLedger::kProjects, .duration = 1ms, .path = ""}, 1s);
  ledger.finish({.route = SampleLedger::kProject, .duration = 1ms, .path = ""}, 1s);
  const std::string text =
      exposition_of({ledger.cumulative(), legend, {}, "1", std::nullopt, std::nullopt, {}, 0}, TextFormat::prometheus);
  CHECK(has_line(text, R"(weir_requests_total{method="GET",route="/same",code="2xx"} 2)"));
}

TEST_CASE("Prometheus: one server in two upstreams is two series, and one that is listed twice is one") {
  auto legend = std::make_shared<exporter::Legend>();
  legend->servers = {"http://127.0.0.1:3000", "http://127.0.0.1:3000", "http://127.0.0.1:3000"};
  legend->upstreams = {"a", "main", "a"};
  SampleLedger ledger;
  for (const std::uint32_t server : {0, 1, 1, 2, 2, 2}) {
    ledger.finish({.route = SampleLedger::kProjects, .duration = 1ms, .server = ServerId(server)}, 1s);
  }
  exporter::Scrape scrape{ledger.cumulative(), legend, {}, "1", std::nullopt, std::nullopt, {}, 0};
  for (const char* upstream : {"a", "main", "a"}) {
    scrape.services.push_back({.server = {},
                               .upstream = upstream,
                               .url = "http://127.0.0.1:3000",
                               .state = scrape.services.empty() ? "unhealthy" : "healthy",
                               .check = {}});
  }
  const std::string text = exposition_of(scrape, TextFormat::prometheus);
  CHECK(has_line(text, R"(weir_upstream_requests_total{server="http://127.0.0.1:3000",upstream="a",code="2xx"} 4)"));
  CHECK(has_line(text, R"(weir_upstream_requests_total{server="http://127.0.0.1:3000",upstream="main",code="2xx"} 2)"));
  CHECK(
      has_line(text, R"(weir_upstream_request_duration_seconds_count{server="http://127.0.0.1:3000",upstream="a"} 4)"));
  CHECK(has_line(text, R"(weir_upstream_server_healthy{server="http://127.0.0.1:3000",upstream="a"} 0)"));
  CHECK(has_line(text, R"(weir_upstream_server_healthy{server="http://127.0.0.1:3000",upstream="main"} 1)"));
}

TEST_CASE("Prometheus: all classes and faults of a route are there from the first scrape on") {
  SampleLedger ledger;
  ledger.finish({.route = SampleLedger::kProjects, .duration = 1ms}, 1s);
  const std::string text = scrape(ledger, TextFormat::prometheus);
  for (const char* code : {"none", "1xx", "3xx", "4xx", "5xx"}) {
    CHECK(has_line(text, std::string(R"(weir_requests_total{method="GET",route="/projects",code=")") + code + "\"} 0"));
    CHECK(has_line(text, std::string(R"(weir_all_requests_total{code=")") + code + "\"} 0"));
  }
  CHECK(has_line(text, R"(weir_all_requests_total{code="2xx"} 1)"));
  for (std::size_t i = 1; i < count_of<Fault>(); ++i) {
    const auto fault = static_cast<Fault>(i);
    const std::string labels =
        R"(fault=")" + std::string(label(fault)) + R"(",side=")" + std::string(label(side_of(fault))) + "\"} 0";
    CHECK(has_line(text, R"(weir_request_faults_total{method="GET",route="/projects",)" + labels));
    CHECK(has_line(text, "weir_all_request_faults_total{" + labels));
  }
}

TEST_CASE("Prometheus: OpenMetrics says when each counter began") {
  SampleLedger ledger;
  ledger.finish({.route = SampleLedger::kProjects, .duration = 1ms}, 1s);
  const std::string text = scrape(ledger, TextFormat::openmetrics);
  CHECK(has_line(text, R"(weir_requests_created{method="GET",route="/projects",code="5xx"} 1769851801.000)"));
  CHECK(has_line(text, R"(weir_request_duration_seconds_created{method="GET",route="/projects"} 1769851801.000)"));
  CHECK(has_line(text, R"(weir_all_requests_created{code="2xx"} 1769851800.000)"));
  CHECK(scrape(ledger, TextFormat::prometheus).find("_created") == std::string::npos);
}

TEST_CASE("Prometheus: a label that has ended keeps its value, without a gauge, and is one with its namesake") {
  SampleLedger ledger;
  ledger.finish({.route = SampleLedger::kProjects, .duration = 1ms}, 1s);
  exporter::Scrape scrape{ledger.cumulative(), ledger.legend(), {}, "1", std::nullopt, std::nullopt, {}, 0};
  for (const char* path : {"/old", "/projects"}) {
    auto ended = std::make_shared<exporter::EndedSeries>();
    ended->path = path;
    ended->series.method = Method::get;
    ended->series.figures.counts.requests = 5;
    ended->series.figures.counts.status[2] = 5;
    scrape.ended.push_back(std::move(ended));
  }
  const std::string text = exposition_of(scrape, TextFormat::prometheus);
  CHECK(has_line(text, R"(weir_requests_total{method="GET",route="/old",code="2xx"} 5)"));
  CHECK(has_line(text, R"(weir_requests_total{method="GET",route="/projects",code="2xx"} 6)"));
  CHECK(text.find(R"(weir_in_flight{method="GET",route="/old"})") == std::string::npos);
  CHECK(has_line(text, R"(weir_in_flight{method="GET",route="/projects"} 0)"));
  CHECK(has_line(text, "weir_requests_in_flight 0"));
}

TEST_CASE("Prometheus: names that are printed alike are one series") {
  SampleLedger ledger;
  for (const char* name : {"db%01", "db\x01"}) {
    ledger.finish({.route = SampleLedger::kProjects,
                   .duration = 1ms,
                   .components = std::string(name) + "=12",
                   .cache = std::string("hit ") + name},
                  1s);
  }
  const std::string text = scrape(ledger, TextFormat::prometheus);
  CHECK(has_line(text, R"(weir_component_duration_seconds_count{method="GET",route="/projects",component="db%01"} 2)"));
  CHECK(has_line(text, R"(weir_cache_answers_total{method="GET",route="/projects",cache="db%01",outcome="hit"} 2)"));
}

TEST_CASE("Prometheus: the tests' reader finds a series that is twice, however its labels are ordered") {
  CHECK(!lab::series_that_is_twice("# HELP a b\na{x=\"1\",y=\"2\"} 1\na{x=\"1\",y=\"3\"} 1\na 1\nb 1\n"));
  CHECK(lab::series_that_is_twice("a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 1\n"));
  CHECK(lab::series_that_is_twice("a{x=\"\\\",} \"} 1\nb 1\na{x=\"\\\",} \"} 2\n"));
  CHECK(lab::series_that_is_twice("a 1\nb 1\na 2\n"));
}

TEST_CASE("Prometheus: lines that the access log has lost are there where it is kept") {
  SampleLedger ledger;
  exporter::ConnectionFigures figures;
  const auto text = [&] {
    return exposition_of({ledger.cumulative(), ledger.legend(), {}, "1", std::nullopt, figures, {}, 0},
                         TextFormat::prometheus);
  };
  CHECK(text().find("weir_access_log") == std::string::npos);
  figures.log_lines_dropped = 3;
  CHECK(has_line(text(), "weir_access_log_lines_dropped_total 3"));
}

TEST_CASE("Prometheus: the form follows the Accept header") {
  using exporter::text_format_for;
  CHECK(text_format_for("") == TextFormat::prometheus);
  CHECK(text_format_for("*/*") == TextFormat::prometheus);
  CHECK(text_format_for("text/html, */*;q=0.8") == TextFormat::prometheus);
  CHECK(text_format_for("application/openmetrics-text") == TextFormat::openmetrics);
  CHECK(text_format_for("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;"
                        "q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.1") == TextFormat::openmetrics);
  CHECK(text_format_for("application/openmetrics-text;q=0.2, text/plain") == TextFormat::prometheus);
  CHECK(text_format_for("application/openmetrics-text; q=0") == TextFormat::prometheus);
}

TEST_CASE("Prometheus: promtool finds nothing to blame") {
  if (std::system("command -v promtool >/dev/null") != 0) {
    MESSAGE("promtool is not installed");
    return;
  }
  SampleLedger ledger;
  ledger.fill();
  FILE* promtool = ::popen("promtool check metrics", "w");
  REQUIRE(promtool != nullptr);
  const std::string text = scrape(ledger, TextFormat::prometheus);
  std::fwrite(text.data(), 1, text.size(), promtool);
  CHECK(::pclose(promtool) == 0);
}
