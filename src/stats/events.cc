#include <weir/stats/events.h>

#include <algorithm>
#include <cmath>

namespace weir::stats {

void EventCount::add(double amount) {
  const auto millionths = static_cast<Uint128>(std::round(std::abs(amount) * 1e6));
  (amount < 0 ? down : up) += millionths;
}

void EventCount::merge(const EventCount& other) {
  up += other.up;
  down += other.down;
}

void EventCount::remove_from(EventCount& sum) const {
  sum.up -= up;
  sum.down -= down;
}

double EventCount::net() const {
  return up >= down ? static_cast<double>(up - down) / 1e6 : -static_cast<double>(down - up) / 1e6;
}

void Levels::add(double level) { merge({level, level, false}); }

void Levels::merge(const Levels& other) {
  if (other.is_empty) return;
  lowest = is_empty ? other.lowest : std::min(lowest, other.lowest);
  highest = is_empty ? other.highest : std::max(highest, other.highest);
  is_empty = false;
}

void EventFigures::merge(const EventFigures& other) {
  count.merge(other.count);
  values.merge(other.values);
  levels.merge(other.levels);
  members.merge(other.members);
  if (other.last_seen < last_seen) return;
  level = other.level;
  last_seen = other.last_seen;
}

}  // namespace weir::stats
