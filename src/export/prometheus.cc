#include <weir/export/prometheus.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "event_families.h"
#include "exposition.h"
#include "rows.h"

namespace weir::exporter {

namespace {

using enum MetricType;

constexpr std::array<std::string_view, 6> kClasses = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

/// The series with the labels that each of its samples begins with, written once.
class Labelled {
 public:
  Labelled(const stats::View& view, const Legend& legend)
      : rows_(view, legend, Selection{}, Naming::method_and_path) {
    for (const Row& row : rows_.all()) {
      std::string& labels = labels_.emplace_back();
      append_label(labels, "method", label(row.method));
      append_label(labels, "route", legend.path(row.route));
    }
  }

  template <class Each>
  void for_each(Each each) const {
    for (std::size_t i = 0; i < labels_.size(); ++i) each(labels_[i], rows_.all()[i]);
  }

 private:
  Rows rows_;
  std::vector<std::string> labels_;
};

std::string with(std::string labels, std::string_view name, std::string_view value) {
  append_label(labels, name, value);
  return labels;
}

void write_classes(Exposition& out, const std::string& labels, const stats::Figures& figures) {
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    if (figures.counts.status[i] != 0) out.sample(with(labels, "code", kClasses[i]), figures.counts.status[i]);
  }
}

void write_faults(Exposition& out, const std::string& labels, const stats::Figures& figures) {
  for (std::size_t i = 1; i < stats::kFaults; ++i) {
    if (figures.counts.faults[i] == 0) continue;
    const auto fault = static_cast<Fault>(i);
    out.sample(with(with(labels, "fault", label(fault)), "side", label(side_of(fault))), figures.counts.faults[i]);
  }
}

/// One counter a series, of one of its plain counts.
void write_count(Exposition& out, const Labelled& series, std::string_view name, std::string_view unit,
                 std::string_view help, std::uint64_t stats::Figures::Counts::*count) {
  out.family(name, counter, unit, help);
  series.for_each([&](const std::string& labels, const Row& row) { out.sample(labels, row.figures->counts.*count); });
}

void write_series(Exposition& out, const Labelled& series) {
  using Counts = stats::Figures::Counts;
  out.family("weir_requests", counter, "", "Finished requests by status class; none: no response was sent.");
  series.for_each([&](const std::string& labels, const Row& row) { write_classes(out, labels, *row.figures); });

  out.family("weir_request_duration_seconds", histogram, "seconds",
             "First request byte read to last response byte given to the client; of a stream, to its first byte.");
  series.for_each([&](const std::string& labels, const Row& row) { out.histogram(labels, row.figures->duration); });

  write_count(out, series, "weir_request_errors", "",
              "Requests that ended with a status of 400 or above, or with no whole response from the app; a client that left is no error.", &Counts::errors);
  out.family("weir_request_faults", counter, "", "Requests that were cut short, by what did it and on whose side.");
  series.for_each([&](const std::string& labels, const Row& row) { write_faults(out, labels, *row.figures); });
  write_count(out, series, "weir_slow_requests", "", "Requests at or above their route's slow threshold.",
              &Counts::slow);
  write_count(out, series, "weir_request_bytes", "bytes", "Octets of request bodies.", &Counts::bytes_in);
  write_count(out, series, "weir_response_bytes", "bytes", "Octets of response bodies.", &Counts::bytes_out);

  out.family("weir_request_phase_seconds", counter, "seconds",
             "Where the time went: the sum over all requests, by phase; the phase weir is what weir itself added.");
  series.for_each([&](const std::string& labels, const Row& row) {
    for (std::size_t i = 0; i < stats::kPhases; ++i) {
      const stats::Sketch& sketch = row.figures->phases[i];
      if (sketch.count() == sketch.zero_count()) continue;
      out.sample(with(labels, "phase", label(static_cast<stats::Phase>(i))), sketch.sum_seconds());
    }
  });
}

void write_said(Exposition& out, const Labelled& series) {
  out.family("weir_component_duration_seconds", histogram, "seconds",
             "What answers said in Server-Timing that a component took; over the answers that named it.");
  series.for_each([&](const std::string& labels, const Row& row) {
    for (const stats::SaidFigures::Component& component : row.said->components) {
      out.histogram(with(labels, "component", printable(component.name)), component.duration);
    }
  });
  out.family("weir_cache_answers", counter, "", "Answers by what a cache said of them.");
  series.for_each([&](const std::string& labels, const Row& row) {
    for (const stats::SaidFigures::Layer& layer : row.said->layers) {
      const std::string cache = with(labels, "cache", printable(layer.name));
      const auto& [hits, misses, unknown] = layer.counts;
      out.sample(with(cache, "outcome", label(stats::CacheOutcome::hit)), hits);
      out.sample(with(cache, "outcome", label(stats::CacheOutcome::miss)), misses);
      out.sample(with(cache, "outcome", label(stats::CacheOutcome::unknown)), unknown);
    }
  });
}

void write_servers(Exposition& out, const Scrape& scrape) {
  out.family("weir_upstream_requests", counter, "", "Requests that an upstream server was given, by status class.");
  for (const stats::ServerView& server : scrape.cumulative->servers) {
    const std::string_view url = scrape.legend->server(server.server);
    if (!url.empty()) write_classes(out, with("", "server", url), server.figures);
  }
  out.family("weir_upstream_request_duration_seconds", histogram, "seconds",
             "Whole durations of the requests that an upstream server was given.");
  for (const stats::ServerView& server : scrape.cumulative->servers) {
    const std::string_view url = scrape.legend->server(server.server);
    if (!url.empty()) out.histogram(with("", "server", url), server.figures.duration);
  }
}

void write_services(Exposition& out, const Scrape& scrape) {
  if (scrape.services.empty()) return;
  out.family("weir_upstream_server_healthy", gauge, "", "1: the server gets requests; 0: checks or connections fail.");
  for (const Service& service : scrape.services) {
    out.sample(with(with("", "server", service.url), "upstream", service.upstream),
               std::uint64_t{!service.is_unhealthy()});
  }
}

void write_connections(Exposition& out, const ConnectionFigures& figures) {
  out.family("weir_connections", counter, "", "Client connections by what became of them; most are only accepted.");
  for (const auto& [event, count] : figures.events) out.sample(with("", "event", event), count);
  out.family("weir_open_connections", gauge, "", "Connections that are open.");
  out.sample(with("", "side", "client"), std::uint64_t{figures.clients});
  out.sample(with("", "side", "upstream"), std::uint64_t{figures.upstreams});
  out.family("weir_retries_denied", counter, "", "Retries that were not made since the budget for them was spent.");
  out.sample("", figures.retries_denied);
  out.family("weir_accept_pauses", counter, "", "Moments in which no connection could be accepted, for want of descriptors.");
  out.sample("", figures.accept_pauses);
  out.family("weir_upstream_connections_exhausted", counter, "",
             "Requests answered 503 since no descriptor, memory or port was left for a connection to the app.");
  out.sample("", figures.exhausted);
  if (!figures.log_lines_dropped) return;
  out.family("weir_access_log_lines_dropped", counter, "", "Lines of the access log that the disk did not take.");
  out.sample("", *figures.log_lines_dropped);
}

void write_in_flight(Exposition& out, const Labelled& series) {
  out.family("weir_in_flight", gauge, "", "Requests under way.");
  series.for_each([&](const std::string& labels, const Row& row) { out.sample(labels, std::uint64_t{row.in_flight}); });
}

void write_whole(Exposition& out, const Scrape& scrape) {
  const stats::View& view = *scrape.cumulative;
  out.family("weir_added_seconds", histogram, "seconds", "What weir itself added to each request.");
  out.histogram("", view.total.phase(stats::Phase::weir));
  out.family("weir_stream_duration_seconds", histogram, "seconds",
             "How long upgrades, event streams and tunnels stayed open.");
  out.histogram("", view.total.streams);
  out.family("weir_probes", counter, "", "Health checks that were forwarded and are in no other figure.");
  out.sample("", view.asides.probes);
  out.family("weir_details_left_out", counter, "",
             "Requests whose texts found no room while the control thread was busy; their counts are complete.");
  out.sample("", view.asides.details_left_out);
  out.family("weir_late_records", counter, "", "Records that reached their window a step late.");
  out.sample("", view.asides.late);
  out.family("weir_routes", gauge, "", "Routes that are known, configured and learned.");
  out.sample("", std::uint64_t{scrape.known_routes});
  out.family("weir_build_info", gauge, "", "The version that runs; always 1.");
  out.sample(with("", "version", scrape.version), std::uint64_t{1});
  out.family("weir_uptime_seconds", gauge, "seconds", "Since the start of the figures.");
  out.sample("", seconds(view.uptime));
}

void write_levels(Exposition& out, const stats::View& view) {
  out.family("weir_request_duration_by_concurrency_seconds", histogram, "seconds",
             "Durations by how many requests were under way in the same worker on arrival, at most `concurrency`.");
  for (std::size_t i = 0; i < view.levels.size(); ++i) {
    if (view.levels[i].is_empty()) continue;
    out.histogram(with("", "concurrency", std::to_string(stats::highest_of_level(i))), view.levels[i]);
  }
}

void write_active(Exposition& out, const stats::View& view) {
  static constexpr std::array<std::string_view, 3> kNames = {"weir_active_users", "weir_active_tenants",
                                                             "weir_active_networks"};
  static constexpr std::array<std::string_view, 3> kHelp = {
      "Different users seen in the window; a standard error of 2.3 % beyond 256.",
      "Different tenants seen in the window; likewise.", "Different client networks seen in the window; likewise."};
  for (std::size_t i = 0; i < view.active.size(); ++i) {
    if (view.active[i].back() == 0) continue;
    out.family(kNames[i], gauge, "", kHelp[i]);
    for (std::size_t w = 0; w < view.active[i].size(); ++w) {
      out.sample(with("", "window", label(static_cast<stats::Window>(w))), view.active[i][w]);
    }
  }
}

void write_process(Exposition& out, const ProcessFigures& process) {
  out.family("process_cpu_seconds", counter, "seconds", "User and system CPU time spent.");
  out.sample("", process.cpu_seconds);
  out.family("process_resident_memory_bytes", gauge, "bytes", "Resident memory.");
  out.sample("", process.resident_bytes);
  out.family("process_virtual_memory_bytes", gauge, "bytes", "Virtual memory.");
  out.sample("", process.virtual_bytes);
  out.family("process_open_fds", gauge, "", "Open file descriptors.");
  out.sample("", process.open_fds);
  out.family("process_max_fds", gauge, "", "File descriptors that may be open.");
  out.sample("", process.max_fds);
  out.family("process_start_time_seconds", gauge, "seconds", "Start of the process since 1970.");
  out.sample("", process.start_time_seconds);
  out.family("process_threads", gauge, "", "Threads of the process.");
  out.sample("", std::uint64_t{process.threads});
  out.family("weir_loop_lag_seconds", gauge, "seconds", "How late the loops were, worst of the last five seconds.");
  out.sample(with("", "loop", "worker"), process.worker_loop_lag_seconds);
  out.sample(with("", "loop", "control"), process.control_loop_lag_seconds);
}

}  // namespace

std::string prometheus_text(const Scrape& scrape, TextFormat format) {
  std::string text;
  Exposition out(text, format);
  const Labelled series(*scrape.cumulative, *scrape.legend);
  write_series(out, series);
  write_said(out, series);
  write_in_flight(out, series);
  write_servers(out, scrape);
  write_services(out, scrape);
  if (scrape.connections) write_connections(out, *scrape.connections);
  write_whole(out, scrape);
  write_levels(out, *scrape.cumulative);
  write_active(out, *scrape.cumulative);
  if (scrape.events) write_events(out, *scrape.events);
  if (scrape.statsd) write_statsd(out, *scrape.statsd);
  if (scrape.process) write_process(out, *scrape.process);
  out.end();
  return text;
}

}  // namespace weir::exporter
