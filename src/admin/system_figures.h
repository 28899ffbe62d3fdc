#pragma once

#include <cstdint>
#include <string>

#include <weir/base/clock.h>
#include <weir/export/prometheus.h>

namespace weir::admin {

/// One reading of the host and of weir's own process, from /proc and statvfs. Counters are since boot or start.
struct SystemReading {
  WallTime at;
  TimePoint clock;
  exporter::ProcessFigures process;
  double host_busy_seconds = 0;   ///< over all CPUs
  double host_total_seconds = 0;
  std::uint64_t memory_total_bytes = 0;
  std::uint64_t memory_available_bytes = 0;
  std::uint64_t disk_total_bytes = 0;
  std::uint64_t disk_free_bytes = 0;
  double load_1m = 0;
  std::uint32_t cpus = 1;
};

/// Reads files, so not on a loop. What cannot be read stays 0. `disk` is any path on the file system to look at.
SystemReading read_system(const std::string& disk);

}  // namespace weir::admin
