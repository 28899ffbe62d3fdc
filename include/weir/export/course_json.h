#pragma once

#include <string>

#include <weir/stats/course.h>

namespace weir::exporter {

/// `GET /admin/performance/series`
std::string course_json(const stats::Course& course, bool is_stale);

}  // namespace weir::exporter
