#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <weir/base/ids.h>
#include <weir/base/method.h>

namespace weir::exporter {

/// The part of a View that was asked for.
struct Selection {
  std::optional<std::vector<RouteId>> routes;  ///< nothing: all of them
  std::optional<Method> method;                ///< nothing: any

  bool is_everything() const { return !routes && !method; }
  bool holds(RouteId route, Method m) const {
    return (!method || *method == m) && (!routes || std::find(routes->begin(), routes->end(), route) != routes->end());
  }
};

}  // namespace weir::exporter
