#include "rows.h"

#include <algorithm>
#include <utility>

namespace weir::exporter {

namespace {

std::string name_of(const stats::SeriesView& series, const Legend& legend, Naming naming) {
  if (naming == Naming::tag) return legend.tag(series.route, series.method);
  if (naming == Naming::group) return std::string(legend.group(series.route));
  return std::string(label(series.method)) + ' ' + std::string(legend.path(series.route));
}

}  // namespace

Rows::Rows(const stats::View& view, const Legend& legend, const Selection& selection, Naming naming) {
  std::vector<Row> found;
  found.reserve(view.series.size());
  for (const stats::SeriesView& series : view.series) {
    if (!selection.holds(series.route, series.method)) continue;
    std::string name = name_of(series, legend, naming);
    if (name.empty()) continue;
    found.push_back({std::move(name), series.route, series.method, &series.figures, &series.said,
                     series.measured, series.in_flight, series.highest_in_flight, series.last_seen});
  }
  std::stable_sort(found.begin(), found.end(), [](const Row& a, const Row& b) { return a.name < b.name; });
  for (Row& row : found) {
    if (!rows_.empty() && rows_.back().name == row.name) {
      join(rows_.back(), row);
    } else {
      rows_.push_back(std::move(row));
    }
  }
}

void Rows::join(Row& into, const Row& other) {
  if (joined_.empty() || into.figures != &joined_.back()) {
    joined_.push_back(*into.figures);
    into.figures = &joined_.back();
  }
  joined_.back().merge(*other.figures);
  if (joined_said_.empty() || into.said != &joined_said_.back()) {
    joined_said_.push_back(*into.said);
    into.said = &joined_said_.back();
  }
  joined_said_.back().merge(*other.said);
  into.measured = std::max(into.measured, other.measured);
  into.in_flight += other.in_flight;
  into.highest_in_flight += other.highest_in_flight;
  into.last_seen = std::max(into.last_seen, other.last_seen);
}

Sum sum_of(const stats::View& view, const Selection& selection) {
  if (selection.is_everything()) {
    const auto& [now, highest] = view.concurrency;
    return {view.total, view.said, view.levels, view.measured, now, highest};
  }
  Sum sum;
  for (const stats::SeriesView& series : view.series) {
    if (!selection.holds(series.route, series.method)) continue;
    sum.figures.merge(series.figures);
    sum.said.merge(series.said);
    merge_levels(sum.levels, series.levels);
    sum.measured = std::max(sum.measured, series.measured);
    sum.in_flight += series.in_flight;
    sum.highest_in_flight += series.highest_in_flight;
  }
  if (sum.measured == Nanos(0)) sum.measured = view.measured;
  return sum;
}

}  // namespace weir::exporter
