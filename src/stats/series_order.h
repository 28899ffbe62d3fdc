#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include <weir/stats/view.h>

namespace weir::stats {

/// By route, then method.
inline void sort_series(std::vector<SeriesView>& list) {
  std::sort(list.begin(), list.end(), [](const SeriesView& a, const SeriesView& b) {
    return std::tie(a.route, a.method) < std::tie(b.route, b.method);
  });
}

/// In a sorted list; its end where there is none.
template <class List>
auto find_series(List& list, RouteId route, Method method) {
  const auto key = std::tie(route, method);
  const auto place = std::lower_bound(list.begin(), list.end(), key, [](const SeriesView& one, const auto& wanted) {
    return std::tie(one.route, one.method) < wanted;
  });
  return place != list.end() && std::tie(place->route, place->method) == key ? place : list.end();
}

}  // namespace weir::stats
