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

Row row_of(std::string name, const stats::SeriesView& series) {
  Row row;
  row.name = std::move(name);
  row.route = series.route;
  row.method = series.method;
  row.figures = &series.figures;
  row.said = &series.said;
  row.measured = series.measured;
  row.in_flight = series.in_flight;
  row.highest_in_flight = series.highest_in_flight;
  row.last_seen = series.last_seen;
  row.created = series.created;
  return row;
}

}  // namespace

Rows::Rows(const stats::View& view, const Legend& legend, const Ended& ended) {
  std::vector<Row> found;
  found.reserve(view.series.size() + ended.size());
  for (const stats::SeriesView& series : view.series) {
    found.push_back(row_of(name_of(series, legend, Naming::method_and_path), series));
    found.back().path = legend.path(series.route);
  }
  for (const auto& one : ended) {
    found.push_back(row_of(std::string(label(one->series.method)) + ' ' + one->path, one->series));
    found.back().path = one->path;
    found.back().has_ended = true;
  }
  put_together(std::move(found));
}

Rows::Rows(const stats::View& view, const Legend& legend, const Selection& selection, Naming naming) {
  std::vector<Row> found;
  found.reserve(view.series.size());
  for (const stats::SeriesView& series : view.series) {
    if (!selection.holds(series.route, series.method)) continue;
    std::string name = name_of(series, legend, naming);
    if (name.empty()) continue;
    found.push_back(row_of(std::move(name), series));
    found.back().path = legend.path(series.route);
  }
  put_together(std::move(found));
}

void Rows::put_together(std::vector<Row> found) {
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
  into.created = std::min(into.created, other.created);
  into.has_ended = into.has_ended && other.has_ended;
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
