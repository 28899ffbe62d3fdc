#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weir/export/prometheus.h>
#include <weir/stats/sketch.h>

namespace weir::exporter {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

/// Writes metric families one after the other. The samples of a family follow its heading directly.
/// Source: Prometheus exposition formats (0.0.4), OpenMetrics 1.0 sections 5 and 6.
class Exposition {
 public:
  Exposition(std::string& out, TextFormat format) : out_(out), format_(format) {}

  /// `name` without `_total`. `unit` is its last word where that is one (`seconds`, `bytes`), else empty.
  void family(std::string_view name, MetricType type, std::string_view unit, std::string_view help);

  /// When what follows began to count from 0, until the next call or family: OpenMetrics says so of each counter and
  /// histogram (`_created`).
  void created(WallTime at) { created_ = at; }

  /// `labels` as `append_label` makes them. Counters get their `_total`.
  void sample(std::string_view labels, std::uint64_t value);
  void sample(std::string_view labels, double value);
  void histogram(std::string_view labels, const stats::Sketch& sketch);
  /// The same for numbers that are no seconds: boundaries are powers of four, from 4^-5 (about 0.001) to 4^16.
  /// `below` more values lie under all boundaries; `_sum` leaves them out, as it must never fall.
  void wide_histogram(std::string_view labels, const stats::Sketch& sketch, std::uint64_t below = 0);

  /// OpenMetrics wants to know that nothing was cut off.
  void end();

 private:
  struct Boundaries;
  void write_histogram(std::string_view labels, const stats::Sketch& sketch, const Boundaries& boundaries,
                       std::uint64_t lowest_count = 0);
  void write_created(std::string_view labels);
  void line(std::string_view suffix, std::string_view labels, std::string_view extra_label, std::string_view value);

  std::string& out_;
  TextFormat format_;
  std::string name_;
  MetricType type_ = MetricType::gauge;
  std::optional<WallTime> created_;
};

/// Appends `name="value"`, escaped, after a comma where there is something before it.
void append_label(std::string& labels, std::string_view name, std::string_view value);

}  // namespace weir::exporter
