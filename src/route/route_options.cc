#include <weir/route/route_options.h>

#include <map>

#include <fmt/format.h>

#include <weir/base/printable.h>
#include <weir/route/pattern.h>
#include <weir/route/table.h>

namespace weir::route {

namespace {

constexpr std::size_t kLongestEventName = 200;  // as those that apps send

}  // namespace

void RouteOptions::read(Settings& settings) {
  match = settings.text("match", match);
  upstream = settings.text("upstream", upstream);
  group = settings.text("group", group);
  count_as = settings.text("count_as", count_as);
  if (count_as.size() > kLongestEventName || !is_printable(count_as)) {
    settings.problem("count_as", "is no name of an event",
                     fmt::format("write at most {} bytes without control characters", kLongestEventName));
  }
  slow_threshold = settings.duration("slow_threshold", slow_threshold, {1us, 24h});
  stream = settings.boolean("stream", stream);
  if (settings.is_reading()) line = settings.line();
  if (match.empty()) {
    settings.problem("match", "there is no pattern", "write one, such as GET /users/{id}");
  } else if (const Result<Pattern> pattern = Pattern::parse(match); !pattern) {
    // The pattern's sentence ends in what would be right.
    const std::string& message = pattern.error().message;
    const std::size_t colon = message.rfind(": ");
    settings.problem("match", message.substr(0, colon), colon == std::string::npos ? "" : message.substr(colon + 2));
  }
}

void check_duplicates(Settings& settings, std::string_view key, const std::vector<RouteOptions>& routes) {
  std::map<std::string, std::size_t> first_of;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const Result<Pattern> pattern = Pattern::parse(routes[i].match);
    if (!pattern) continue;  // noted on reading
    const auto [first, is_new] = first_of.emplace(pattern.value().shape(), i);
    if (is_new) continue;
    settings.problem(fmt::format("{}[{}].match", key, i),
                     fmt::format("\"{}\" takes the same requests as \"{}\" of {}[{}]", routes[i].match,
                                 routes[first->second].match, key, first->second),
                     "keep one of them");
  }
}

void check_overlap(Settings& settings, std::string_view key, const std::vector<RouteOptions>& routes) {
  std::vector<Table::Entry> entries;
  for (const RouteOptions& route : routes) {
    Result<Pattern> pattern = Pattern::parse(route.match);
    if (pattern) entries.push_back({.pattern = std::move(pattern).value(), .match = {}});
  }
  const std::uint32_t visits = Table(entries).worst_visits();
  if (visits <= Table::kMaxVisits) return;
  settings.problem(
      std::string(key),
      fmt::format("these patterns overlap so much that some path needs {} steps to match, and {} is the limit", visits,
                  Table::kMaxVisits),
      "write fewer that have literals and parameters in turn at the same places");
}

}  // namespace weir::route
