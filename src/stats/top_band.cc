#include "top_band.h"

#include <numeric>

namespace weir::stats {

std::vector<std::size_t> TopBand::least_worth(std::size_t most) const {
  if (entries_.size() <= most) return {};
  const std::size_t size = entries_.size();
  std::vector<std::size_t> by_score(size);
  std::iota(by_score.begin(), by_score.end(), std::size_t{0});
  std::stable_sort(by_score.begin(), by_score.end(),
                   [&](std::size_t a, std::size_t b) { return entries_[a].score > entries_[b].score; });
  // Half of what stays is for the newest, half for the best of all time, as far as each is wanted.
  std::vector<bool> is_safe(size, false);
  const std::size_t newest = std::min(best_, most / 2);
  const std::size_t best = std::min(best_, most - newest);
  for (std::size_t i = 0; i < std::min(newest, size); ++i) is_safe[size - 1 - i] = true;
  for (std::size_t i = 0, marked = 0; i < size && marked < best; ++i) {
    if (is_safe[by_score[i]]) continue;
    is_safe[by_score[i]] = true;
    ++marked;
  }
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < size; ++i) {
    if (!is_safe[i]) places.push_back(i);
  }
  // Among equals those go first that have neighbours close by, for their age: of a stream of ever lower scores, none of
  // which is beaten, what is kept lies further apart the older it is.
  std::vector<double> gap(size, 0);
  for (std::size_t i = 1; i + 1 < size; ++i) {
    const auto age = static_cast<double>(entries_.back().at() - entries_[i].at() + 1);
    gap[i] = static_cast<double>(entries_[i + 1].at() - entries_[i - 1].at()) / age;
  }
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    if (entries_[a].beaten != entries_[b].beaten) return entries_[a].beaten > entries_[b].beaten;
    return gap[a] < gap[b];
  });
  places.resize(size - most);
  return places;
}

}  // namespace weir::stats
