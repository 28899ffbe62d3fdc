#include <weir/proxy/health_check_options.h>

#include <algorithm>

#include <fmt/format.h>

#include <weir/base/units.h>

namespace weir::proxy {
namespace {

/// A request target in origin form: it goes into a request line as it stands.
bool is_target(const std::string& path) {
  return path.starts_with('/') && path.size() <= 1024 &&
         std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

}  // namespace

void HealthCheckOptions::read(Settings& settings) {
  is_on = true;
  path = settings.text("path", path);
  if (!is_target(path)) {
    settings.problem("path", fmt::format("\"{}\" is no path", path), "write a path on the server, such as /health");
  }
  interval = settings.duration("interval", interval, {100ms, 24h});
  timeout = settings.duration("timeout", timeout, {10ms, 1h});
  if (timeout > interval) {
    settings.problem("timeout", fmt::format("{} is longer than the interval", format_duration(timeout)),
                     fmt::format("write at most interval, {}", format_duration(interval)));
  }
  healthy_after = settings.integer("healthy_after", healthy_after, {1, 1000});
  unhealthy_after = settings.integer("unhealthy_after", unhealthy_after, {1, 1000});
}

}  // namespace weir::proxy
