#include "concurrency_json.h"

#include <algorithm>

#include "figures_json.h"

namespace weir::exporter {

void write_levels(JsonWriter& json, const stats::ConcurrencyLevels& levels) {
  json.begin_array();
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].is_empty()) continue;
    json.begin_object().member("from", stats::lowest_of_level(i)).member("to", stats::highest_of_level(i));
    json.key("duration");
    write_distribution(json, levels[i]);
    json.end_object();
  }
  json.end_array();
}

void write_busy_times(JsonWriter& json, const stats::BusyTimes& busy) {
  json.begin_object().key("peak_minute");
  if (busy.peak_requests == 0) {
    json.null();
  } else {
    json.begin_object().member("at", rfc3339(busy.peak_minute)).member("requests", busy.peak_requests).end_object();
  }
  const auto busiest = std::max_element(busy.by_hour.begin(), busy.by_hour.end());
  json.key("peak_hour_utc");
  if (*busiest == 0) {
    json.null();
  } else {
    json.value(busiest - busy.by_hour.begin());
  }
  json.key("requests_by_hour_utc").begin_array();
  for (const std::uint64_t requests : busy.by_hour) json.value(requests);
  json.end_array().end_object();
}

}  // namespace weir::exporter
