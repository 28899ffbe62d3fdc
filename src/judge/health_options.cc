#include <weir/judge/health_options.h>

#include <weir/base/units.h>

namespace weir::judge {

void HealthOptions::read(Settings& settings) {
  window = settings.duration("window", window, {1min, 24h});
  degraded_error_rate = settings.percent("degraded_error_rate", degraded_error_rate);
  unhealthy_error_rate = settings.percent("unhealthy_error_rate", unhealthy_error_rate);
  degraded_slow = settings.integer("degraded_slow", degraded_slow, {0, 1'000'000'000});
  unhealthy_slow = settings.integer("unhealthy_slow", unhealthy_slow, {0, 1'000'000'000});

  if (window != 1min && window != 5min && window != 1h && window != 24h) {
    settings.problem("window", format_duration(window) + " is none of the windows that weir keeps",
                     "write 1m, 5m, 1h or 1d");
  }
  if (degraded_error_rate > unhealthy_error_rate) {
    settings.problem("degraded_error_rate", format_percent(degraded_error_rate) + " is above unhealthy_error_rate",
                     "write at most " + format_percent(unhealthy_error_rate));
  }
  if (degraded_slow > unhealthy_slow) {
    settings.problem("degraded_slow", std::to_string(degraded_slow) + " is above unhealthy_slow",
                     "write at most " + std::to_string(unhealthy_slow));
  }
}

}  // namespace weir::judge
