#include <weir/route/written.h>

#include <cstddef>
#include <string>
#include <unordered_set>

namespace weir::route {

std::vector<Configured> written_routes(std::vector<Configured> configured, const std::vector<Configured>& described) {
  const std::size_t count = configured.size();
  std::unordered_set<std::string> shapes;
  for (const Configured& route : configured) shapes.insert(route.pattern.shape());
  for (Configured route : described) {
    const std::string shape = route.pattern.shape();
    const bool is_configured = shapes.contains(Pattern(std::nullopt, route.pattern.segments()).shape());
    if (is_configured || !shapes.insert(shape).second) continue;
    const Configured* around = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
      const Configured& other = configured[i];
      if (!other.pattern.covers(route.pattern)) continue;
      if (around == nullptr || around->pattern.covers(other.pattern)) around = &other;
    }
    if (around != nullptr) route.properties = around->properties;
    configured.push_back(std::move(route));
  }
  return configured;
}

}  // namespace weir::route
