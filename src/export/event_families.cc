#include "event_families.h"

#include <string>
#include <utility>

namespace weir::exporter {

namespace {

using enum MetricType;
using stats::EventKind;

std::string labels_of(const stats::EventEntry& entry, const stats::EventSeries& series) {
  std::string labels;
  append_label(labels, "event", entry.name);
  for (const stats::Tag& tag : series.tags) append_label(labels, tag.name, tag.value);
  return labels;
}

/// `write(labels, series)` for each series of a kind.
template <class Write>
void for_each(const stats::EventsView& view, EventKind kind, Write write) {
  for (const stats::EventEntry& entry : view.events) {
    if (entry.kind != kind) continue;
    for (const stats::EventSeries& series : entry.series) write(labels_of(entry, series), series);
  }
}

void write_counters(Exposition& out, const stats::EventsView& view) {
  out.family("weir_events", counter, "", "Events counted: by routes (count_as), sent to the API, or by StatsD.");
  for_each(view, EventKind::counter, [&](const std::string& labels, const stats::EventSeries& series) {
    out.sample(labels, series.figures.count.ups());
  });
  out.family("weir_events_taken_back", counter, "", "What counters were lowered by, which a counter here never is.");
  for_each(view, EventKind::counter, [&](const std::string& labels, const stats::EventSeries& series) {
    if (series.figures.count.down != 0) out.sample(labels, series.figures.count.downs());
  });
}

void write_members(Exposition& out, const stats::EventsView& view) {
  out.family("weir_event_members", gauge, "",
             "Different members of a set in the window; a standard error of 2.3 % beyond 256.");
  for_each(view, EventKind::set, [&](const std::string& labels, const stats::EventSeries& series) {
    for (std::size_t i = 0; i < series.members.size(); ++i) {
      std::string with_window = labels;
      append_label(with_window, "window", label(static_cast<stats::Window>(i)));
      out.sample(with_window, series.members[i]);
    }
  });
}

}  // namespace

void write_events(Exposition& out, const stats::EventsView& view) {
  write_counters(out, view);
  out.family("weir_event_duration_seconds", histogram, "seconds", "Timings sent to the API or by StatsD.");
  for_each(view, EventKind::timing, [&](const std::string& labels, const stats::EventSeries& series) {
    out.histogram(labels, series.figures.values);
  });
  out.family("weir_event_distribution", histogram, "",
             "Histograms and distributions sent by StatsD, in their own unit; _sum without those below zero.");
  for_each(view, EventKind::distribution, [&](const std::string& labels, const stats::EventSeries& series) {
    out.wide_histogram(labels, series.figures.values, series.figures.below_zero.count());
  });
  out.family("weir_event_distribution_below_zero", counter, "",
             "What numbers below zero of distributions add up to, without their sign.");
  for_each(view, EventKind::distribution, [&](const std::string& labels, const stats::EventSeries& series) {
    if (!series.figures.below_zero.is_empty()) out.sample(labels, series.figures.below_zero.sum_seconds());
  });
  out.family("weir_event_value", gauge, "", "Where gauges stand that were sent to the API or by StatsD.");
  for_each(view, EventKind::gauge, [&](const std::string& labels, const stats::EventSeries& series) {
    out.sample(labels, series.figures.level);
  });
  write_members(out, view);
  out.family("weir_events_overflowed", counter, "",
             "Events whose name or tags found no room: they count under (other).");
  out.sample("", view.overflowed);
}

void write_statsd(Exposition& out, const StatsdFigures& statsd) {
  out.family("weir_statsd_datagrams", counter, "", "StatsD datagrams that were read.");
  out.sample("", statsd.datagrams);
  out.family("weir_statsd_datagrams_dropped", counter, "",
             "StatsD datagrams that were lost: the kernel had no room, or too long.");
  for (const auto& [reason, count] : {std::pair("no_room", statsd.dropped), std::pair("too_long", statsd.too_long)}) {
    std::string labels;
    append_label(labels, "reason", reason);
    out.sample(labels, count);
  }
  out.family("weir_statsd_lines", counter, "", "Lines of StatsD datagrams by what became of them.");
  for (const StatsdFigures::Lines& lines : statsd.lines) {
    std::string labels;
    append_label(labels, "outcome", lines.outcome);
    out.sample(labels, lines.count);
  }
}

}  // namespace weir::exporter
