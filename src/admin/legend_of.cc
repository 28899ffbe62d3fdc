#include "legend_of.h"

#include <algorithm>

#include <fmt/format.h>

namespace weir::admin {

namespace {

/// Whether `text` is how people or answers call the route.
bool is_called(const route::Route& route, std::string_view text) {
  return route.pattern.path() == text || route.name == text || shown_path(route) == text;
}

bool takes(const route::Route& route, Method method) {
  return !route.pattern.method() || *route.pattern.method() == method;
}

}  // namespace

std::string shown_path(const route::Route& route) {
  return exporter::printable(route.name.empty() ? route.pattern.path() : route.name);
}

std::shared_ptr<const exporter::Legend> legend_of(const route::RouteBook& book, const BookkeeperOptions& options) {
  auto legend = std::make_shared<exporter::Legend>();
  legend->routes.reserve(book.size());
  for (std::size_t i = 0; i < book.size(); ++i) {
    const route::Route& route = book.route(RouteId(static_cast<std::uint32_t>(i)));
    const bool has_path = i != kUnmatchedRoute.index();
    legend->routes.push_back({has_path ? shown_path(route) : std::string(exporter::kUnmatchedPath),
                              route.properties.group, Nanos(route.properties.slow_threshold_ns)});
  }
  legend->servers = options.servers;
  legend->upstreams = options.upstreams;
  legend->slow_threshold = options.slow_threshold;
  return legend;
}

Found find_routes(const route::RouteBook& book, std::string_view text) {
  Found found;
  if (text == exporter::kUnmatchedPath) return {{kUnmatchedRoute}, std::nullopt};
  const std::size_t space = text.find(' ');
  if (space != std::string_view::npos) {
    found.method = from_label<Method>(text.substr(0, space));
    if (found.method) text.remove_prefix(space + 1);
  }
  // It may be written as in the configuration: raw, or with several parameters in a segment.
  const auto pattern = route::Pattern::parse(text);
  const std::string printed = pattern ? pattern.value().path() : std::string(text);
  for (std::uint32_t i = kUnmatchedRoute.value + 1; i < book.size(); ++i) {
    const route::Route& route = book.route(RouteId(i));
    if (!route.is_live || (!is_called(route, text) && !is_called(route, printed))) continue;
    if (!found.method || takes(route, *found.method)) found.routes.push_back(RouteId(i));
  }
  return found;
}

Status check_method(const Found& found, const Subject& subject) {
  if (!found.method || !subject.method || *found.method == *subject.method) return Done{};
  return Error{fmt::format("method: \"{}\" has no {} (leave one of the methods out)",
                           exporter::printable(std::string_view(subject.route).substr(0, 200)),
                           label(*subject.method))};
}

std::vector<RouteId> routes_of_group(const route::RouteBook& book, std::string_view group) {
  std::vector<RouteId> routes;
  for (std::uint32_t i = kUnmatchedRoute.value + 1; i < book.size(); ++i) {
    const route::Route& route = book.route(RouteId(i));
    if (route.is_live && route.properties.group == group) routes.push_back(RouteId(i));
  }
  return routes;
}

}  // namespace weir::admin
