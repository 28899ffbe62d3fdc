#pragma once

#include "subject.h"

#include <memory>
#include <string>
#include <vector>

#include <weir/admin/bookkeeper.h>
#include <weir/export/legend.h>
#include <weir/route/book.h>

namespace weir::admin {

/// How answers call it: the name that a person gave it, or its path.
std::string shown_path(const route::Route& route);

/// What the book calls its routes now, with the servers' names, as the exporters want it.
std::shared_ptr<const exporter::Legend> legend_of(const route::RouteBook& book, const BookkeeperOptions& options);

/// The live routes whose pattern, path or name is `text`; with a method before it, those that hold for that method.
/// Empty where there is none.
struct Found {
  std::vector<RouteId> routes;
  std::optional<Method> method;  ///< where the text names one
};
Found find_routes(const route::RouteBook& book, std::string_view text);
/// An error where `subject` names one method and the route that it names has another.
Status check_method(const Found& found, const Subject& subject);
std::vector<RouteId> routes_of_group(const route::RouteBook& book, std::string_view group);

}  // namespace weir::admin
