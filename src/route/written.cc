#include <cstddef>
#include <fmt/format.h>
#include <string>
#include <unordered_map>

#include <weir/route/written.h>

namespace weir::route {

namespace {

std::string why_dropped(const Configured& route, const Configured& first) {
  return fmt::format("{}: {} takes the same paths as {} of {}, which comes before it", route.file, route.pattern.text(),
                     first.pattern.text(), first.source == Source::config ? "the configuration" : first.file);
}

}  // namespace

std::vector<Configured> written_routes(std::vector<Configured> configured, const std::vector<Configured>& described,
                                       std::vector<std::string>* dropped) {
  const std::size_t count = configured.size();
  std::unordered_map<std::string, std::size_t> first_of;  // by shape
  for (std::size_t i = 0; i < count; ++i) first_of.emplace(configured[i].pattern.shape(), i);
  for (Configured route : described) {
    const std::string shape = route.pattern.shape();
    auto first = first_of.find(Pattern(std::nullopt, route.pattern.segments()).shape());
    if (first == first_of.end() || first->second >= count) first = first_of.find(shape);
    if (first != first_of.end()) {
      if (dropped != nullptr) dropped->push_back(why_dropped(route, configured[first->second]));
      continue;
    }
    first_of.emplace(shape, configured.size());
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
