#include "tap_filter.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <weir/export/legend.h>

#include "legend_of.h"

namespace weir::admin {

TapFilter::TapFilter(QueryReader& query)
    : subject_{query.text("route"), query.text("group"), query.method("method")},
      statuses_(query.statuses("status")),
      min_(query.duration("min", Nanos(0))) {}

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
