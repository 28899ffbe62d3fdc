#pragma once

#include <optional>
#include <string>

#include <weir/base/method.h>

namespace weir::admin {

/// What an endpoint's call asks about: read from its parameters at once, resolved to routes only when the book is up
/// to date, since the route may have been learned a moment ago.
struct Subject {
  std::string route;  ///< tag, pattern or path; empty for all
  std::string group;  ///< empty for all
  std::optional<Method> method;
};

}  // namespace weir::admin
