#include "tap_filter.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/export/legend.h>

#include "legend_of.h"

namespace weir::admin {

std::optional<StatusSet> StatusSet::parse(std::string_view text) {
  StatusSet set;
  bool is_good = true;
  split(text, ',', [&](std::string_view part) {
    part = trim(part);
    const bool has_class = part.size() == 3 && part[0] >= '1' && part[0] <= '5';
    const auto code = parse_decimal(part);
    if (has_class && code) {
      set.statuses_.set(*code);
    } else if (has_class && ascii_lower(part[1]) == 'x' && ascii_lower(part[2]) == 'x') {
      const std::size_t first = static_cast<std::size_t>(part[0] - '0') * 100;
      for (std::size_t i = 0; i < 100; ++i) set.statuses_.set(first + i);
    } else {
      is_good = false;
    }
  });
  return is_good ? std::optional(set) : std::nullopt;
}

TapFilter::TapFilter(QueryReader& query)
    : subject_{query.text("route"), query.text("group"), query.method("method")},
      min_(query.duration("min", Nanos(0))) {
  const std::string statuses = query.text("status");
  if (!statuses.empty()) {
    statuses_ = StatusSet::parse(statuses);
    if (!statuses_) query.refuse("status", statuses, "write a class or a code, such as 5xx, 404 or 429,5xx");
  }
}

Status TapFilter::check(const route::RouteBook& book) const {
  const Found found = find_routes(book, subject_.route);
  if (const Status status = check_method(found, subject_); !status) return status.error();
  const bool is_known = subject_.route.empty() || !found.routes.empty();
  if (is_known || route::Pattern::parse(subject_.route)) return Done{};
  return Error{fmt::format("route: \"{}\" is neither a route nor a pattern (write one such as GET /users/{{id}})",
                           exporter::printable(std::string_view(subject_.route).substr(0, 200)))};
}

void TapFilter::resolve(const route::RouteBook& book) {
  selection_ = {.routes = std::nullopt, .method = subject_.method};
  if (!subject_.route.empty()) {
    Found found = find_routes(book, subject_.route);
    if (found.method) selection_.method = found.method;
    selection_.routes = std::move(found.routes);
  }
  if (subject_.group.empty()) return;
  std::vector<RouteId> members = routes_of_group(book, subject_.group);
  if (selection_.routes) {
    const std::vector<RouteId>& named = *selection_.routes;
    std::erase_if(members, [&](RouteId id) { return std::ranges::find(named, id) == named.end(); });
  }
  selection_.routes = std::move(members);
}

}  // namespace weir::admin
