#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <weir/base/names.h>
#include <weir/judge/health_options.h>
#include <weir/stats/view.h>

namespace weir::judge {

enum class HealthState : std::uint8_t { healthy, degraded, unhealthy };

/// How the app does, as the health call tells it.
struct Health {
  HealthState state = HealthState::healthy;
  /// A sentence for each figure that is not healthy; empty when all are.
  std::vector<std::string> reasons;
};

/// The window of the options; five minutes where they name none that is kept.
stats::Window health_window(const HealthOptions& options);

/// From the totals of a View over `health_window(options)`. Healthy below both `degraded_…` limits, unhealthy above
/// either `unhealthy_…` one, degraded between; a limit itself is degraded. No traffic is healthy.
Health assess(const stats::View& view, const HealthOptions& options);

}  // namespace weir::judge

template <>
struct weir::Names<weir::judge::HealthState> {
  static constexpr std::array<std::string_view, 3> labels = {"healthy", "degraded", "unhealthy"};
};
