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

double SignedValues::mean_seconds() const {
  return is_empty() ? 0 : (above_.sum_seconds() - below_.sum_seconds()) / static_cast<double>(count());
}

Nanos SignedValues::min() const { return below_.is_empty() ? above_.min() : -below_.max(); }

Nanos SignedValues::max() const { return above_.is_empty() ? -below_.min() : above_.max(); }

Nanos SignedValues::quantile(double q) const {
  if (below_.is_empty()) return above_.quantile(q);
  // The nearest rank, as in a Sketch; the k-th smallest number below zero is the k-th largest without its sign.
  const double exact = std::ceil(q * static_cast<double>(count()) * (1 - 1e-12));
  const double rank = std::clamp(exact, 1.0, static_cast<double>(count()));
  const auto below = static_cast<double>(below_.count());
  if (rank > below) return above_.quantile((rank - below) / static_cast<double>(above_.count()));
  return rank == 1 ? min() : -below_.quantile((below - rank + 1) / below);
}

void EventFigures::merge(const EventFigures& other) {
  count.merge(other.count);
  values.merge(other.values);
  below_zero.merge(other.below_zero);
  levels.merge(other.levels);
  members.merge(other.members);
  if (other.last_seen < last_seen) return;
  level = other.level;
  last_seen = other.last_seen;
}

}  // namespace weir::stats
