#pragma once

#include <weir/base/json_writer.h>
#include <weir/stats/view.h>

namespace weir::exporter {

/// `[{"from":3, "to":4, "duration":{…}}, …]`: how durations move with the number of exchanges under way in the same
/// worker.
void write_levels(JsonWriter& json, const stats::ConcurrencyLevels& levels);
/// `{"peak_minute":{"at":…, "requests":n}, "peak_hour_utc":9, "requests_by_hour_utc":[…]}`; null where nothing
/// happened.
void write_busy_times(JsonWriter& json, const stats::BusyTimes& busy);

}  // namespace weir::exporter
