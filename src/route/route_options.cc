#include <weir/route/route_options.h>

#include <weir/route/pattern.h>

namespace weir::route {

void RouteOptions::read(Settings& settings) {
  match = settings.text("match", match);
  upstream = settings.text("upstream", upstream);
  group = settings.text("group", group);
  slow_threshold = settings.duration("slow_threshold", slow_threshold, {1us, 24h});
  if (settings.is_reading()) line = settings.line();
  if (match.empty()) {
    settings.problem("match", "there is no pattern", "write one, such as GET /users/{id}");
  } else if (const Result<Pattern> pattern = Pattern::parse(match); !pattern) {
    settings.problem("match", pattern.error().message, {});
  }
}

}  // namespace weir::route
