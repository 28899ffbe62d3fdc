#include "ended_labels.h"

#include <algorithm>
#include <utility>

namespace weir::admin {

void EndedLabels::add(const std::string& path, std::vector<stats::SeriesView> series, TimePoint now) {
  for (stats::SeriesView& one : series) {
    auto ended = std::make_shared<exporter::EndedSeries>(exporter::EndedSeries{path, std::move(one)});
    const auto before = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.series->path == path && entry.series->series.method == ended->series.method;
    });
    if (before != entries_.end()) {
      const stats::SeriesView& former = before->series->series;
      ended->series.figures.merge(former.figures);
      ended->series.said.merge(former.said);
      ended->series.created = std::min(ended->series.created, former.created);
      entries_.erase(before);
    }
    entries_.push_back({std::move(ended), now});
  }
  if (entries_.size() > kMost) entries_.erase(entries_.begin(), entries_.end() - kMost);
}

std::vector<std::shared_ptr<const exporter::EndedSeries>> EndedLabels::list(TimePoint now, const InUse& is_in_use) {
  std::erase_if(entries_, [&](const Entry& entry) { return now - entry.at >= kStay && !is_in_use(*entry.series); });
  std::vector<std::shared_ptr<const exporter::EndedSeries>> all;
  all.reserve(entries_.size());
  for (const Entry& entry : entries_) all.push_back(entry.series);
  return all;
}

}  // namespace weir::admin
