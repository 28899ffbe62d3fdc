#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/names.h>
#include <weir/stats/events.h>

namespace weir::exporter {

/// Largest first, but for the name.
enum class EventOrder : std::uint8_t {
  count,
  per_minute,
  avg_duration,
  max_duration,
  p50_duration,
  p90_duration,
  p95_duration,
  p99_duration,
  last_seen,
  name,
};

struct EventsRequest {
  EventOrder order = EventOrder::count;
  std::optional<std::size_t> limit = std::nullopt;
  std::string name = {};                   ///< empty for all
  std::optional<stats::EventKind> kind = std::nullopt;
};

/// How StatsD is received.
struct StatsdFigures {
  struct Lines {
    std::string_view outcome;  ///< a literal
    bool is_malformed = false;
    bool is_simplified = false;  ///< taken without a part of them
    std::uint64_t count = 0;
  };
  struct BadLine {
    WallTime at;
    std::string_view outcome;  ///< a literal
    std::string text;          ///< as it came
  };

  std::string address;
  std::uint64_t datagrams = 0;
  std::uint64_t dropped = 0;   ///< by the kernel
  std::uint64_t too_long = 0;
  std::vector<Lines> lines;
  std::vector<BadLine> bad_lines;  ///< the newest few that were refused or simplified, newest first
};

/// `GET /admin/performance/events`. `statsd`: nothing where it is off.
std::string events_json(const stats::EventsView& view, const EventsRequest& request,
                        const std::optional<StatsdFigures>& statsd, bool is_stale);
/// `POST /admin/performance/events`: how many were taken.
std::string accepted_json(std::size_t accepted);

}  // namespace weir::exporter

template <>
struct weir::Names<weir::exporter::EventOrder> {
  static constexpr std::array<std::string_view, 10> labels = {
      "count",        "per_minute",   "avg_duration", "max_duration", "p50_duration",
      "p90_duration", "p95_duration", "p99_duration", "last_seen",    "name"};
};
