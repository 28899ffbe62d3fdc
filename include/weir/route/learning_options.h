#pragma once

#include <cstdint>
#include <string>

#include <weir/base/settings.h>

namespace weir::route {

/// `route_learning`: tags for requests that fit no configured pattern.
struct LearningOptions {
  /// Off: such requests are all tagged `(unmatched)`.
  bool enabled = true;
  /// Tags in all, configured ones included. Each costs some 100 KiB once it has traffic.
  std::uint32_t max_routes = 1000;

  /// Keeps what people decide about learned routes over restarts; written when somebody does.
  std::string file = "weir-routes.json";

  void read(Settings& settings);
};

}  // namespace weir::route
