#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <weir/base/clock.h>
#include <weir/base/ids.h>
#include <weir/stats/view.h>

namespace weir::exporter {

/// One upstream server as its checks see it; what its requests say is in the View.
struct Service {
  struct Check {
    WallTime at;
    bool is_good = false;
    std::string outcome;  ///< `200`, `connection refused`
    Nanos latency{};
  };

  ServerId server;
  std::string upstream;
  std::string url;
  std::string_view state;  ///< unknown, healthy, unhealthy
  bool is_checked = false;
  std::optional<Check> check;

  bool is_unhealthy() const { return state == "unhealthy"; }
};

/// `GET /admin/performance/services`
std::string services_json(const stats::View& view, std::span<const Service> services, bool is_stale);

}  // namespace weir::exporter
