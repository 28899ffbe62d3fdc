#pragma once

#include <weir/base/json_writer.h>
#include <weir/export/legend.h>
#include <weir/stats/sample.h>
#include <weir/stats/view.h>

namespace weir::exporter {

/// One exchange in full: the element of `slow_queries`, `recent_slow_queries` and `errors`.
void write_sample(JsonWriter& json, const stats::Sample& sample, const Legend& legend);

}  // namespace weir::exporter
