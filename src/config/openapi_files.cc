#include "openapi_files.h"

#include <filesystem>

#include <fmt/format.h>

#include <weir/config/openapi.h>
#include <weir/route/written.h>

namespace weir::config {
namespace {

constexpr const char* kMend = "name an OpenAPI 2.0, 3.0 or 3.1 file, JSON or YAML, as seen from this one's folder";

void check_room(Options& options, Settings& settings) {
  std::vector<route::Configured> configured;
  for (const route::RouteOptions& route : options.routes) {
    auto pattern = route::Pattern::parse(route.match);
    if (pattern) configured.push_back({std::move(pattern).value(), route::Source::config, {}, {}});
  }
  const std::size_t written =
      route::written_routes(std::move(configured), options.described_routes(), &options.dropped_operations).size();
  if (written <= options.route_learning.max_routes) return;
  settings.problem("route_learning.max_routes",
                   fmt::format("{} tags do not suffice for the {} routes that are written",
                               options.route_learning.max_routes, written),
                   fmt::format("write at least {}, and more for what is learned", written));
}

}  // namespace

void read_openapi_files(Options& options, const std::string& config_file, Settings& settings) {
  options.dropped_operations.clear();
  const std::filesystem::path folder = std::filesystem::path(config_file).parent_path();
  for (std::size_t i = 0; i < options.openapi.size(); ++i) {
    OpenapiFile& file = options.openapi[i];
    const std::string key = fmt::format("openapi[{}]", i);
    if (file.name.empty()) {
      settings.problem(key, "there is no file name", kMend);
      continue;
    }
    std::vector<std::string> dropped;
    auto routes = load_openapi((folder / file.name).string(), &dropped);
    if (!routes) {
      settings.problem(key, routes.error().message, kMend);
      continue;
    }
    file.routes = std::move(routes).value();
    for (route::Configured& route : file.routes) route.file = file.name;
    for (const std::string& why : dropped) options.dropped_operations.push_back(fmt::format("{}: {}", file.name, why));
  }
  check_room(options, settings);
}

}  // namespace weir::config
