#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <weir/export/legend.h>
#include <weir/export/prometheus.h>
#include <weir/export/selection.h>
#include <weir/stats/view.h>

namespace weir::exporter {

/// Under which name series are put together: two ids may well have one name, (unmatched) stands for many methods.
enum class Naming : std::uint8_t {
  tag,               ///< as people see it: all of (unmatched) is one
  group,             ///< of those routes that have one
  method_and_path,   ///< as labels have it: (unmatched) is told apart by method
};

/// One name with its figures.
struct Row {
  std::string name;
  RouteId route;
  Method method = Method::other;
  const stats::Figures* figures = nullptr;
  const stats::SaidFigures* said = nullptr;
  Nanos measured{0};  ///< where several series are one: the longest
  std::uint32_t in_flight = 0;
  std::uint32_t highest_in_flight = 0;  ///< where several series are one: the sum of each one's, an upper bound
  WallTime last_seen;
  std::string_view path;   ///< as Legend has it
  WallTime created;        ///< in a cumulative view: of the oldest series in it
  bool has_ended = false;  ///< nothing is counted under its name any more

  double requests_per_minute() const {
    return stats::per_minute(static_cast<double>(figures->counts.requests), measured);
  }
};

/// The selected series of a View, each name once, in the order of the names. The View must outlive it, as must the
/// Legend.
class Rows {
 public:
  using Ended = std::vector<std::shared_ptr<const EndedSeries>>;

  /// With those that have ended, by method and path: for /metrics.
  Rows(const stats::View& view, const Legend& legend, const Ended& ended);
  Rows(const stats::View& view, const Legend& legend, const Selection& selection, Naming naming);
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  std::vector<Row>& all() { return rows_; }
  const std::vector<Row>& all() const { return rows_; }

 private:
  void put_together(std::vector<Row> found);
  void join(Row& into, const Row& other);

  std::vector<Row> rows_;
  std::deque<stats::Figures> joined_;  ///< where a row's figures are the sum of several series
  std::deque<stats::SaidFigures> joined_said_;
};

/// What was selected, in one.
struct Sum {
  stats::Figures figures;
  stats::SaidFigures said;
  stats::ConcurrencyLevels levels;
  Nanos measured{0};  ///< as in Row; of nothing, that of the view
  std::uint32_t in_flight = 0;
  std::uint32_t highest_in_flight = 0;  ///< as in Row

  double requests_per_minute() const {
    return stats::per_minute(static_cast<double>(figures.counts.requests), measured);
  }
};

Sum sum_of(const stats::View& view, const Selection& selection);

}  // namespace weir::exporter
