#pragma once

#include <span>
#include <string>

#include <weir/stats/marks.h>

namespace weir::exporter {

/// `GET /admin/performance/marks`
std::string marks_json(std::span<const stats::Mark> marks, WallTime as_of);
/// `POST /admin/performance/marks`: the one that was made.
std::string mark_json(const stats::Mark& mark);

}  // namespace weir::exporter
