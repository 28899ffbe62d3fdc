#include <weir/stats/marks.h>

#include <algorithm>
#include <utility>

namespace weir::stats {

void Marks::follow(Moment now) {
  // Less is the time between two readings.
  constexpr Nanos kLeastStep = 1s;
  const Moment before = std::exchange(followed_, now).value_or(now);
  const Nanos step = Nanos(now.wall - before.wall) - (now.clock - before.clock);
  if (step > -kLeastStep && step < kLeastStep) {
    // Small ones add up.
    followed_ = before;
    return;
  }
  for (Mark& mark : marks_) {
    if (mark.is_of_our_clock) mark.at += std::chrono::duration_cast<WallTime::duration>(step);
  }
  std::stable_sort(marks_.begin(), marks_.end(), [](const Mark& a, const Mark& b) { return a.at < b.at; });
}

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
