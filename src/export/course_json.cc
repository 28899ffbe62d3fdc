#include <weir/export/course_json.h>

#include <algorithm>
#include <optional>
#include <vector>

#include <weir/base/json_writer.h>
#include <weir/stats/view.h>

#include "figures_json.h"

namespace weir::exporter {

namespace {

/// Two buckets an octave: fine enough for a picture, and at most about fifty of them from 1 µs to 10 s.
constexpr int kHeatScale = 1;

/// The buckets that any slice has something in, from the lowest to the highest. What took no time counts in the lowest.
class HeatBuckets {
 public:
  explicit HeatBuckets(const stats::Course& course) {
    for (const stats::CourseSlice& slice : course.slices) {
      slice.stretch.figures.duration.for_each_bucket([&](int index, std::uint64_t) { widen(index); }, kHeatScale);
    }
  }

  /// `[0.000707, 0.001, …]`: the upper bound of each, in seconds.
  void write_bounds(JsonWriter& json) const {
    json.begin_array();
    for (int index = first_; index <= last_; ++index) {
      json.value(tidy_seconds(stats::Sketch::upper_seconds(index, kHeatScale)));
    }
    json.end_array();
  }

  /// `[[3, 17], …]`: place in the list of bounds, and how many.
  void write(JsonWriter& json, const stats::Sketch& sketch) const {
    std::uint64_t zeros = sketch.zero_count();
    const auto write_one = [&](int index, std::uint64_t count) {
      json.begin_array().value(index - first_).value(count).end_array();
    };
    json.begin_array();
    sketch.for_each_bucket([&](int index, std::uint64_t count) {
      if (zeros != 0 && index != first_) write_one(first_, zeros);
      write_one(index, index == first_ ? count + zeros : count);
      zeros = 0;
    }, kHeatScale);
    if (zeros != 0 && first_ <= last_) write_one(first_, zeros);
    json.end_array();
  }

 private:
  void widen(int index) {
    if (first_ > last_) first_ = last_ = index;
    first_ = std::min(first_, index);
    last_ = std::max(last_, index);
  }

  int first_ = 0;
  int last_ = -1;
};

/// What a stretch of time comes to. Requests per minute are those of the stretch itself.
void write_stretch(JsonWriter& json, const stats::Stretch& stretch) {
  const stats::Figures& figures = stretch.figures;
  const double minutes = seconds(stretch.length) / 60;
  json.member("from", rfc3339(stretch.from)).member("seconds", tidy_seconds(seconds(stretch.length)));
  json.member("total_requests", figures.counts.requests).key("requests_per_minute");
  if (minutes > 0) {
    json.value(tidy_rate(static_cast<double>(figures.counts.requests) / minutes));
  } else {
    json.null();
  }
  json.member("total_errors", figures.counts.errors).member("error_rate", tidy_percent(figures.error_rate()));
  json.member("slow_count", figures.counts.slow).key("status");
  write_status(json, figures);
  write_durations(json, figures.duration);
}

void write_slice(JsonWriter& json, const stats::CourseSlice& slice, const HeatBuckets& buckets, bool has_in_flight) {
  json.begin_object();
  write_stretch(json, slice.stretch);
  json.key("highest_in_flight");
  if (has_in_flight) {
    json.value(slice.highest_in_flight);
  } else {
    json.null();
  }
  json.key("buckets");
  buckets.write(json, slice.stretch.figures.duration);
  json.end_object();
}

}  // namespace

std::string course_json(const stats::Course& course, bool is_stale) {
  const HeatBuckets buckets(course);
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("window", label(course.window)).member("step_seconds", tidy_seconds(seconds(course.step)));
  json.member("from", rfc3339(course.from)).member("since", rfc3339(course.since)).key("bounds");
  buckets.write_bounds(json);
  json.key("slices").begin_array();
  for (const stats::CourseSlice& slice : course.slices) write_slice(json, slice, buckets, course.has_in_flight);
  json.end_array().member("count", course.slices.size()).key("current").begin_object();
  write_stretch(json, course.current);
  json.end_object().key("before");
  if (course.before) {
    json.begin_object();
    write_stretch(json, *course.before);
    json.end_object();
  } else {
    json.null();
  }
  json.member("relative_error", stats::View::kRelativeError).member("as_of", rfc3339(course.as_of.wall));
  if (is_stale) json.member("stale", true);
  json.end_object();
  return out;
}

}  // namespace weir::exporter
