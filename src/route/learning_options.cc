#include <weir/route/learning_options.h>

namespace weir::route {

void LearningOptions::read(Settings& settings) {
  enabled = settings.boolean("enabled", enabled);
  file = settings.text("file", file);
  if (file.empty()) settings.problem("file", "there is no file name", "write one, such as weir-routes.json");
  max_routes = settings.integer("max_routes", max_routes, {1, 100'000});
}

}  // namespace weir::route
