#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <weir/admin/bookkeeper.h>
#include <weir/base/clock.h>
#include <weir/base/names.h>
#include <weir/net/loop.h>
#include <weir/net/timer.h>
#include <weir/net/work.h>

#include "gauge.h"
#include "system_figures.h"

namespace weir::admin {

/// What the system call of the API shows, the host's first.
enum class SystemFigure : std::uint8_t {
  host_cpu_percent,
  host_load_1m,
  host_memory_percent,
  host_memory_used_bytes,
  host_disk_percent,
  host_disk_used_bytes,
  process_cpu_percent,
  process_resident_memory_bytes,
  process_open_fds,
  process_threads,
  worker_loop_lag_seconds,
  control_loop_lag_seconds,
};

using SystemGauges = std::array<Gauge, 12>;

/// Adds to `gauges` what has been since `before`. CPU figures need two readings; without `before` they stay empty.
void add_reading(SystemGauges& gauges, const SystemReading& now, const std::optional<SystemReading>& before);

/// `GET /admin/performance/system`
/// Which process the figures are of.
struct Identity {
  int pid = 0;
  std::string name;
  std::string version;
};
std::string system_json(const SystemGauges& gauges, const SystemReading& reading, stats::Window window, TimePoint now,
                        const Identity& identity);

/// Reads host and process every five seconds, on the pool, and keeps current, average and highest over every window.
class SystemSampler {
 public:
  static constexpr Nanos kInterval = 5s;

  /// `take_lag` gives the worst of the loops since it was last asked.
  SystemSampler(net::Loop& loop, net::Work& work, std::function<LoopLag()> take_lag);

  const SystemGauges& gauges() const { return gauges_; }
  /// The newest; nothing in the first moments.
  const std::optional<SystemReading>& reading() const { return reading_; }

 private:
  void sample();

  net::Work& work_;
  std::function<LoopLag()> take_lag_;
  net::Timer timer_;
  SystemGauges gauges_;
  std::optional<SystemReading> reading_;
};

}  // namespace weir::admin

template <>
struct weir::Names<weir::admin::SystemFigure> {
  static constexpr std::array<std::string_view, 12> labels = {
      "cpu_percent",     "load_1m",     "memory_percent",        "memory_used_bytes", "disk_percent",
      "disk_used_bytes", "cpu_percent", "resident_memory_bytes", "open_fds",          "threads",
      "loop_lag_seconds", "control_loop_lag_seconds"};
};
