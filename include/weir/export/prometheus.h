#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/clock.h>
#include <weir/export/events_json.h>
#include <weir/export/legend.h>
#include <weir/export/services_json.h>
#include <weir/stats/events.h>
#include <weir/stats/view.h>

namespace weir::exporter {

/// The two forms of text that scrapers take.
enum class TextFormat : std::uint8_t {
  prometheus,   ///< text format 0.0.4
  openmetrics,  ///< OpenMetrics 1.0
};

/// The form that an `Accept` header (RFC 9110 section 12.5.1) prefers; Prometheus text where it says nothing.
TextFormat text_format_for(std::string_view accept);
std::string_view content_type_of(TextFormat format);

/// weir's own process, as the usual `process_*` metrics have it.
struct ProcessFigures {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
  double start_time_seconds = 0;  ///< since 1970
  std::uint32_t threads = 0;
  double worker_loop_lag_seconds = 0;   ///< worst of the last seconds: how long a worker took to come round
  double control_loop_lag_seconds = 0;
};

/// What the workers count that is in no record: what becomes of connections, most of all.
struct ConnectionFigures {
  struct Count {
    std::string_view event;  ///< a literal
    std::uint64_t count = 0;
  };
  std::vector<Count> events;
  std::uint32_t clients = 0;  ///< open now
  std::uint32_t upstreams = 0;
  std::uint64_t retries_denied = 0;
  std::uint64_t accept_pauses = 0;
  std::uint64_t exhausted = 0;
  std::optional<std::uint64_t> log_lines_dropped = std::nullopt;  ///< of the access log; none where there is none
};

/// A series whose label has ended, with the values that it had then.
struct EndedSeries {
  std::string path;  ///< as Legend::path had it
  stats::SeriesView series;
};

struct Scrape {
  stats::ViewPtr cumulative;  ///< see stats::Ledger::cumulative_view
  std::shared_ptr<const Legend> legend;
  std::string name;  ///< which weir this is; empty: not said
  std::string version;
  std::optional<ProcessFigures> process;
  std::optional<ConnectionFigures> connections;
  std::vector<Service> services;
  std::size_t known_routes = 0;
  std::optional<stats::EventsView> events = std::nullopt;  ///< cumulative
  std::optional<StatsdFigures> statsd = std::nullopt;
  std::vector<std::shared_ptr<const EndedSeries>> ended{};
};

/// `GET /metrics`. The number of series is bounded by the ledger's, whatever is sent.
///
/// Histograms: their boundaries are powers of two of a second, from 1/4096 (0.24 ms) to 64 s. These are boundaries of
/// the sketch's buckets too (scale 6 joined to scale 0), so every count is exact, not interpolated.
std::string prometheus_text(const Scrape& scrape, TextFormat format);

}  // namespace weir::exporter
