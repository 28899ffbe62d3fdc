#include <weir/judge/health.h>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::judge;

namespace {

Health of(std::uint64_t requests, std::uint64_t errors, std::uint64_t slow) {
  stats::View view;
  view.window = stats::Window::five_minutes;
  view.total.counts.requests = requests;
  view.total.counts.errors = errors;
  view.total.counts.slow = slow;
  return assess(view, {});
}

}  // namespace

TEST_CASE("Health: no traffic is healthy") {
  CHECK(of(0, 0, 0).state == HealthState::healthy);
  CHECK(of(0, 0, 0).reasons.empty());
}

TEST_CASE("Health: the error rate is healthy below 5 %, unhealthy above 10 %, degraded between") {
  CHECK(of(10'000, 499, 0).state == HealthState::healthy);
  CHECK(of(10'000, 500, 0).state == HealthState::degraded);
  CHECK(of(10'000, 1'000, 0).state == HealthState::degraded);
  CHECK(of(10'000, 1'001, 0).state == HealthState::unhealthy);
}

TEST_CASE("Health: slow requests are healthy below 10, unhealthy above 20, degraded between") {
  CHECK(of(10'000, 0, 9).state == HealthState::healthy);
  CHECK(of(10'000, 0, 10).state == HealthState::degraded);
  CHECK(of(10'000, 0, 20).state == HealthState::degraded);
  CHECK(of(10'000, 0, 21).state == HealthState::unhealthy);
}

TEST_CASE("Health: the worse figure decides, and each that is not healthy gives its reason") {
  const Health health = of(200, 25, 12);
  CHECK(health.state == HealthState::unhealthy);
  REQUIRE(health.reasons.size() == 2);
  CHECK(health.reasons[0] == "error rate 12.50 % over 5m, above 10 % (25 of 200 requests)");
  CHECK(health.reasons[1] == "12 slow requests over 5m, not below 10");
}

TEST_CASE("Health: a limit of zero does not make silence degraded") {
  stats::View view;
  HealthOptions options;
  options.degraded_error_rate = 0;
  options.degraded_slow = 0;
  CHECK(assess(view, options).state == HealthState::healthy);
  view.total.counts.requests = 100;
  CHECK(assess(view, options).state == HealthState::healthy);
  view.total.counts.slow = 1;
  CHECK(assess(view, options).state == HealthState::degraded);
}

TEST_CASE("Health: the window is the one of the options") {
  HealthOptions options;
  CHECK(health_window(options) == stats::Window::five_minutes);
  options.window = 24h;
  CHECK(health_window(options) == stats::Window::day);
  options.window = 1min;
  CHECK(health_window(options) == stats::Window::minute);
}
