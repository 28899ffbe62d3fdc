#pragma once

#include <cstdint>

#include <weir/base/settings.h>

namespace weir::judge {

/// `health`: when the answer of the health call is healthy, degraded or unhealthy.
struct HealthOptions {
  Nanos window = 5min;                 ///< 1m, 5m, 1h or 1d: what the figures are taken over
  double degraded_error_rate = 5;      ///< percent; healthy below
  double unhealthy_error_rate = 10;    ///< percent; unhealthy above
  std::uint32_t degraded_slow = 10;    ///< slow requests in the window; healthy below
  std::uint32_t unhealthy_slow = 20;   ///< slow requests in the window; unhealthy above

  void read(Settings& settings);
};

}  // namespace weir::judge
