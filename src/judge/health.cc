#include <weir/judge/health.h>

#include <algorithm>

#include <fmt/format.h>

namespace weir::judge {

namespace {

/// The state that one figure alone gives, with the limit that decided in `limit`.
template <class Number>
HealthState state_of(Number value, Number degraded, Number unhealthy, Number& limit) {
  if (value > unhealthy) {
    limit = unhealthy;
    return HealthState::unhealthy;
  }
  limit = degraded;
  return value >= degraded && value > 0 ? HealthState::degraded : HealthState::healthy;
}

std::string_view relation(HealthState state) { return state == HealthState::unhealthy ? "above" : "not below"; }

}  // namespace

stats::Window health_window(const HealthOptions& options) {
  for (const auto window : {stats::Window::minute, stats::Window::hour, stats::Window::day}) {
    if (stats::shape_of(window).span == options.window) return window;
  }
  return stats::Window::five_minutes;
}

Health assess(const stats::View& view, const HealthOptions& options) {
  Health health;
  const stats::Figures& total = view.total;
  const std::string_view window = label(view.window);

  double rate_limit = 0;
  const HealthState by_errors =
      state_of(total.error_rate(), options.degraded_error_rate, options.unhealthy_error_rate, rate_limit);
  if (by_errors != HealthState::healthy) {
    health.reasons.push_back(fmt::format("error rate {:.2f} % over {}, {} {:g} % ({} of {} requests)",
                                         total.error_rate(), window, relation(by_errors), rate_limit,
                                         total.counts.errors, total.counts.requests));
  }

  std::uint64_t slow_limit = 0;
  const HealthState by_slow = state_of<std::uint64_t>(total.counts.slow, options.degraded_slow,
                                                      options.unhealthy_slow, slow_limit);
  if (by_slow != HealthState::healthy) {
    health.reasons.push_back(fmt::format("{} slow requests over {}, {} {}", total.counts.slow, window,
                                         relation(by_slow), slow_limit));
  }
  health.state = std::max(by_errors, by_slow);
  return health;
}

}  // namespace weir::judge
