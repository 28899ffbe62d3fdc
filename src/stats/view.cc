#include <weir/stats/view.h>

#include "series_order.h"

namespace weir::stats {

const SeriesView* View::find(RouteId route, Method method) const {
  const auto place = find_series(series, route, method);
  return place == series.end() ? nullptr : &*place;
}

}  // namespace weir::stats
