#pragma once

#include <cstdint>
#include <string_view>

#include <weir/base/clock.h>
#include <weir/base/json_writer.h>
#include <weir/stats/events.h>
#include <weir/stats/figures.h>
#include <weir/stats/view.h>

namespace weir::exporter {

/// To the nanosecond: what is finer is no measurement.
double tidy_seconds(double seconds);
/// To four decimals, or four digits that count where that is more. What is not 0 does not become 0.
double tidy_rate(double rate);
/// The same for a percentage. What is not 100 does not become 100 either.
double tidy_percent(double percent);

/// `"name": "text"`, or null where the text is empty: nobody said.
void write_text_or_null(JsonWriter& json, std::string_view name, std::string_view text);

/// The name and value of one quantile that is shown.
struct Shown {
  const char* name;
  double quantile;
};
inline constexpr Shown kShown[] = {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p999", 0.999}};

/// `avg_duration` to `p999_duration`; every one null where nothing happened.
void write_durations(JsonWriter& json, const stats::Sketch& sketch);
/// `avg` to `p999`, likewise.
void write_values(JsonWriter& json, const stats::Sketch& sketch);
void write_values(JsonWriter& json, const stats::SignedValues& values);
/// `{"count":…, "avg":…, "min":…, "max":…, "p50":…, …}`.
void write_distribution(JsonWriter& json, const stats::Sketch& sketch);
/// `{"2xx":…, …}`; `1xx` and `none` (no response at all) only where there were any.
void write_status(JsonWriter& json, const stats::Figures& figures);
/// `{"wait": {"avg":…, "p95":…, "p99":…}, …}` for the phases that took any time.
void write_phases(JsonWriter& json, const stats::Figures& figures);
/// `{"db": {"count":…, "avg":…, "p50":…, …}, …}`: the components that answers named in their Server-Timing.
void write_components(JsonWriter& json, const stats::SaidFigures& said);
/// `{"hits":…, "misses":…, "unknown":…, "hit_rate":…}`, without its braces; the rate is null where there was neither.
void write_cache_counts(JsonWriter& json, const stats::CacheCounts& counts);
/// `{"l1": {"hits":…, …}, …}`
void write_caches(JsonWriter& json, const stats::SaidFigures& said);
/// `{"upstream_closed": {"count":…, "side":"upstream"}, …}` for the faults that there were.
void write_faults(JsonWriter& json, const stats::Figures& figures);
/// What a sum has beyond the contract: aborts, weir's own answers, retries, bytes, streams.
void write_extras(JsonWriter& json, const stats::Figures& figures);

/// `relative_error` and `as_of`, which every payload with quantiles ends its summary with, and `stale` where it is.
void write_bounds(JsonWriter& json, const stats::View& view, bool is_stale);

}  // namespace weir::exporter
