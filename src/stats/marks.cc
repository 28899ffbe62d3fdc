#include <weir/stats/marks.h>

#include <algorithm>
#include <utility>

namespace weir::stats {

void Marks::add(Mark mark) {
  const auto place = std::upper_bound(marks_.begin(), marks_.end(), mark.at,
                                      [](WallTime at, const Mark& known) { return at < known.at; });
  marks_.insert(place, std::move(mark));
  if (marks_.size() > kMost) marks_.erase(marks_.begin());
}

std::vector<Mark> Marks::newest(std::size_t limit, WallTime since) const {
  std::vector<Mark> found;
  for (auto mark = marks_.rbegin(); mark != marks_.rend() && found.size() < limit && mark->at >= since; ++mark) {
    found.push_back(*mark);
  }
  return found;
}

}  // namespace weir::stats
