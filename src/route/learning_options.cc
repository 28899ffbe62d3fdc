#include <weir/route/learning_options.h>

namespace weir::route {

void LearningOptions::read(Settings& settings) {
  enabled = settings.boolean("enabled", enabled);
  max_routes = settings.integer("max_routes", max_routes, {1, 100'000});
}

}  // namespace weir::route
