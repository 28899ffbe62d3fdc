#include <weir/export/legend.h>

#include <fmt/format.h>

#include <weir/base/bytes.h>

namespace weir::exporter {

std::string_view Legend::path(RouteId route) const {
  if (route == kUnmatchedRoute || route.index() >= routes.size()) return kUnmatchedPath;
  return routes[route.index()].path;
}

std::string_view Legend::group(RouteId route) const {
  return route.index() < routes.size() ? std::string_view(routes[route.index()].group) : std::string_view();
}

std::string Legend::tag(RouteId route, Method method) const {
  const std::string_view name = path(route);
  if (name == kUnmatchedPath) return std::string(name);
  return std::string(label(method)) + ' ' + std::string(name);
}

std::string_view Legend::server(ServerId server) const {
  return server.index() < servers.size() ? std::string_view(servers[server.index()]) : std::string_view();
}

std::string_view Legend::upstream(ServerId server) const {
  return server.index() < upstreams.size() ? std::string_view(upstreams[server.index()]) : std::string_view();
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80 ? std::size_t{byte >= 0x20 && byte != 0x7F} : utf8_length(text, i);
    if (length == 0) {
      fmt::format_to(std::back_inserter(out), "%{:02X}", byte);
      ++i;
    } else {
      out.append(text, i, length);
      i += length;
    }
  }
  return out;
}

}  // namespace weir::exporter
