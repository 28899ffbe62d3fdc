#include <weir/export/performance_json.h>

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "figures_json.h"
#include "sample_ledger.h"

using namespace weir;
using exporter::Order;
using stats::Window;

namespace {

std::size_t occurrences(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

bool contains_text(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

exporter::Picture of(exporter::Picture picture, RouteId route) {
  picture.selection.routes = std::vector{route};
  return picture;
}

void finish_slow(SampleLedger& ledger, RouteId route, const std::string& path, Nanos duration, Nanos at, int times = 1) {
  for (int i = 0; i < times; ++i) {
    ledger.finish({.route = route, .duration = duration, .path = path, .traits = stats::kSlow}, at);
  }
}

void fail(SampleLedger& ledger, RouteId route, const std::string& path, std::uint16_t status, Nanos at,
          int times = 1) {
  for (int i = 0; i < times; ++i) ledger.finish({.route = route, .status = status, .duration = 1ms, .path = path}, at);
}

}  // namespace

TEST_CASE("slow-queries: the slowest of a route are there whatever slower ones others have") {
  SampleLedger ledger;
  finish_slow(ledger, SampleLedger::kProjects, "/big", 1500ms, 100s, 55);
  finish_slow(ledger, SampleLedger::kProject, "/small", 900ms, 110s, 5);
  finish_slow(ledger, SampleLedger::kProjects, "/big", 1400ms, 120s, 500);
  const exporter::Picture picture = of(ledger.picture(Window::five_minutes, 130s), SampleLedger::kProject);
  for (const Order order : {Order::slowest, Order::newest}) {
    const std::string json = exporter::slow_queries_json(picture, {.order = order});
    CHECK(occurrences(json, "\"/small\"") == 5);
    CHECK(contains_text(json, "\"slow_queries_count\":5,"));
  }
}

TEST_CASE("slow-queries: one bad night does not hide what was slow since") {
  SampleLedger ledger;
  finish_slow(ledger, SampleLedger::kProjects, "/night", 30s, 100s, 300);
  finish_slow(ledger, SampleLedger::kProjects, "/today", 1200ms, 8h, 3);
  for (const Window window : {Window::minute, Window::five_minutes, Window::hour}) {
    CAPTURE(label(window));
    const std::string json =
        exporter::slow_queries_json(ledger.picture(window, 8h + 10s), {.order = Order::slowest});
    CHECK(occurrences(json, "\"/today\"") == 3);
    CHECK(!contains_text(json, "/night"));
  }
  CHECK(contains_text(exporter::slow_queries_json(ledger.picture(Window::day, 8h + 10s), {.order = Order::slowest}), "/night"));
}

TEST_CASE("slow-queries: the slowest of every window, to the one, in a mixed stream") {
  SampleLedger ledger;
  std::uint64_t random = 7;
  for (int second = 0; second < 3000; ++second) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    finish_slow(ledger, SampleLedger::kProjects, "/" + std::to_string(second),
                1s + Nanos(static_cast<std::int64_t>(random >> 34)), second * 1s);
  }
  // The second of the peak in each window; the numbers are what the stream above comes to.
  random = 7;
  std::vector<std::uint64_t> durations;
  for (int second = 0; second < 3000; ++second) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    durations.push_back(random >> 34);
  }
  for (const auto& [window, first] : {std::pair{Window::minute, 2935}, {Window::five_minutes, 2695}, {Window::all, 0}}) {
    CAPTURE(label(window));
    std::vector<std::pair<std::uint64_t, int>> best;
    for (int i = first; i < 3000; ++i) best.emplace_back(durations[static_cast<std::size_t>(i)], i);
    std::sort(best.rbegin(), best.rend());
    const std::string json =
        exporter::slow_queries_json(ledger.picture(window, 2999s), {.limit = 20, .order = Order::slowest});
    std::size_t at = 0;
    for (std::size_t i = 0; i < 20; ++i) {
      at = json.find("\"path\":\"/" + std::to_string(best[i].second) + "\"", at);
      REQUIRE(at != std::string::npos);
    }
  }
}

TEST_CASE("slow-queries: a minimum finds what reaches it behind newer ones that do not") {
  SampleLedger ledger;
  finish_slow(ledger, SampleLedger::kProject, "/long", 20s, 100s, 3);
  finish_slow(ledger, SampleLedger::kProject, "/short", 1s, 200s, 900);
  CHECK(occurrences(exporter::slow_queries_json(ledger.picture(Window::hour, 300s), {.min = 10s}), "\"/long\"") == 3);
}

TEST_CASE("errors: a scanner's 404s do not hide a 500, not even where nobody narrows the list") {
  SampleLedger ledger;
  fail(ledger, SampleLedger::kProjects, "/broken", 500, 100s, 3);
  fail(ledger, kUnmatchedRoute, "/wp-login.php", 404, 110s, 3000);
  fail(ledger, SampleLedger::kProject, "/late", 403, 120s, 1);
  fail(ledger, kUnmatchedRoute, "/.env", 404, 130s, 3000);
  const exporter::Picture all = ledger.picture(Window::five_minutes, 140s);
  CHECK(occurrences(exporter::errors_json(all, {}), "\"/broken\"") == 3);
  CHECK(occurrences(exporter::errors_json(all, {.limit = 6}), "\"/broken\"") == 3);
  CHECK(occurrences(exporter::errors_json(of(all, SampleLedger::kProject), {}), "\"/late\"") == 1);
  const std::string few = exporter::errors_json(all, {.limit = 50});
  CHECK(occurrences(few, "\"timestamp\"") == 50);
}

TEST_CASE("errors: one route's flood leaves those of another where they are") {
  SampleLedger ledger;
  fail(ledger, SampleLedger::kProject, "/rare", 503, 100s, 4);
  fail(ledger, SampleLedger::kProjects, "/flood", 503, 200s, 5000);
  const std::string json = exporter::errors_json(of(ledger.picture(Window::hour, 300s), SampleLedger::kProject), {});
  CHECK(occurrences(json, "\"/rare\"") == 4);
  CHECK(contains_text(json, "\"total_errors\":4,"));
}

TEST_CASE("slow-queries: what is counted in a window is listed in it") {
  SampleLedger ledger;
  finish_slow(ledger, SampleLedger::kProject, "/a", 2s, 0s);
  finish_slow(ledger, SampleLedger::kProject, "/b", 2s, 3s);
  for (const auto& [window, now] : {std::pair{Window::minute, Nanos(62s)}, {Window::five_minutes, Nanos(303s)},
                                    {Window::hour, Nanos(1h + 40s)}, {Window::day, Nanos(24h + 10min)}}) {
    CAPTURE(label(window));
    const std::string json = exporter::slow_queries_json(ledger.picture(window, now), {});
    CHECK(contains_text(json, "\"count\":2,"));
    CHECK(contains_text(json, "\"slow_queries_count\":2,"));
    CHECK(occurrences(exporter::stats_json(ledger.picture(window, now), {}), "\"timestamp\"") == 2);
  }
}

TEST_CASE("rates: one error in three million is not none, and all but one not all") {
  using exporter::tidy_percent;
  CHECK(tidy_percent(100.0 / 3e6) == doctest::Approx(3.333e-05));
  CHECK(tidy_percent(100 - 100.0 / 3e6) < 100);
  CHECK(tidy_percent(100 - 100.0 / 3e6) == doctest::Approx(100 - 3.333e-05).epsilon(1e-9));
  CHECK(tidy_percent(99.96) == 99.96);
  CHECK(tidy_percent(100.0 / 3) == 33.3333);
  CHECK(tidy_percent(100) == 100);
  CHECK(tidy_percent(0) == 0);
  CHECK(exporter::tidy_rate(1.0 / 1440) == 0.0006944);
}

TEST_CASE("errors: statuses choose among all that are kept, and the count says how many fit") {
  SampleLedger ledger;
  fail(ledger, SampleLedger::kProjects, "/limited", 429, 100s, 2);
  fail(ledger, SampleLedger::kProjects, "/missing", 404, 110s, 3000);
  ledger.finish({.route = SampleLedger::kProjects, .status = 0, .path = "/cut", .fault = Fault::upstream_closed}, 90s);
  const exporter::Picture all = ledger.picture(Window::hour, 200s);
  const auto listed = [&](std::string_view statuses) {
    return exporter::errors_json(all, {.limit = 10, .statuses = exporter::StatusSet::parse(statuses)});
  };
  CHECK(occurrences(listed("429"), "\"/limited\"") == 2);
  CHECK(contains_text(listed("429"), "\"kept\":2,"));
  CHECK(occurrences(listed("none"), "\"/cut\"") == 1);
  CHECK(occurrences(listed("5xx"), "\"timestamp\"") == 0);
  CHECK(occurrences(listed("4xx"), "\"timestamp\"") == 10);
  CHECK(occurrences(listed("faults"), "\"/cut\"") == 1);
  CHECK(contains_text(listed("faults"), "\"kept\":1,"));
  CHECK(occurrences(listed("5xx,faults"), "\"timestamp\"") == 1);
}

TEST_CASE("slow-queries: routes with thresholds of their own are counted beside the one that is named") {
  SampleLedger ledger;
  ledger.fill();
  CHECK(contains_text(exporter::slow_queries_json(ledger.picture(), {}), "\"threshold\":1,\"order\":\"newest\",\"own_thresholds\":1,"));
  CHECK(contains_text(exporter::slow_queries_json(of(ledger.picture(), SampleLedger::kProject), {}), "\"own_thresholds\":0,"));
}
