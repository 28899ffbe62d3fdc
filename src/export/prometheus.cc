#include "event_families.h"
#include "exposition.h"
#include "rows.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <weir/export/prometheus.h>

namespace weir::exporter {

namespace {

using enum MetricType;

constexpr std::array<std::string_view, 6> kClasses = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

/// The series with the labels that each of its samples begins with, written once.
class Labelled {
 public:
  explicit Labelled(const Scrape& scrape) : rows_(*scrape.cumulative, *scrape.legend, scrape.ended) {
    const WallTime now = scrape.cumulative->as_of.wall;
    for (Row& row : rows_.all()) {
      std::string& labels = labels_.emplace_back();
      append_label(labels, "method", label(row.method));
      append_label(labels, "route", row.path);
      row.created = std::min(row.created, now);  // the wall clock may have gone back since
    }
  }

  template <class Each>
  void for_each(Each each) const {
    for (std::size_t i = 0; i < labels_.size(); ++i) each(labels_[i], rows_.all()[i]);
  }
  /// The same for the samples of a counter or histogram.
  template <class Each>
  void for_each_counted(Exposition& out, Each each) const {
    for_each([&](const std::string& labels, const Row& row) {
      out.created(row.created);
      each(labels, row);
    });
  }

 private:
  Rows rows_;
  std::vector<std::string> labels_;
};

/// Everything in one, which nothing ever moves: without labels.
class Whole {
 public:
  explicit Whole(const stats::View& view) {
    row_.figures = &view.total;
    row_.said = &view.said;
    row_.created = std::min(view.created, view.as_of.wall);
  }
  template <class Each>
  void for_each_counted(Exposition& out, Each each) const {
    out.created(row_.created);
    each(std::string(), row_);
  }

 private:
  Row row_;
};

std::string with(std::string labels, std::string_view name, std::string_view value) {
  append_label(labels, name, value);
  return labels;
}

/// All of them, those without a request too: of a counter that is there from the first scrape on the first count is
/// seen, of one that comes with it is not.
void write_classes(Exposition& out, const std::string& labels, const stats::Figures& figures) {
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    out.sample(with(labels, "code", kClasses[i]), figures.counts.status[i]);
  }
}

void write_faults(Exposition& out, const std::string& labels, const stats::Figures& figures) {
  for (std::size_t i = 1; i < stats::kFaults; ++i) {
    const auto fault = static_cast<Fault>(i);
    out.sample(with(with(labels, "fault", label(fault)), "side", label(side_of(fault))), figures.counts.faults[i]);
  }
}

/// The families that are there for each route and, without labels, for everything. `Of`: Labelled or Whole.
template <class Of>
class RequestFamilies {
 public:
  /// `prefix` begins each name, `which` ends each explanation.
  RequestFamilies(Exposition& out, const Of& of, std::string_view prefix, std::string_view which)
      : out_(out), of_(of), prefix_(prefix), which_(which) {}

  void write() {
    using Counts = stats::Figures::Counts;
    family("requests", counter, "", "Finished requests by status class; none: no response was sent.");
    each([&](const std::string& labels, const Row& row) { write_classes(out_, labels, *row.figures); });

    family("request_duration_seconds", histogram, "seconds",
           "First request byte read to last response byte given to the client; of a stream, to its first byte.");
    each([&](const std::string& labels, const Row& row) { out_.histogram(labels, row.figures->duration); });

    write_count("request_errors", "",
                "Requests with a status of 400 or above, or without a complete response from the app. Requests that "
                "the client abandoned are not counted.",
                &Counts::errors);
    family("request_faults", counter, "", "Requests that were cut short, by what did it and on whose side.");
    each([&](const std::string& labels, const Row& row) { write_faults(out_, labels, *row.figures); });
    write_count("slow_requests", "", "Requests at or above their route's slow threshold.", &Counts::slow);
    write_count("request_bytes", "bytes", "Octets of request bodies.", &Counts::bytes_in);
    write_count("response_bytes", "bytes", "Octets of response bodies.", &Counts::bytes_out);
  }

 private:
  void family(std::string_view name, MetricType type, std::string_view unit, std::string_view help) {
    out_.family(prefix_ + std::string(name), type, unit, std::string(help) + which_);
  }
  template <class Each>
  void each(Each each) {
    of_.for_each_counted(out_, each);
  }
  /// One counter a series, of one of its plain counts.
  void write_count(std::string_view name, std::string_view unit, std::string_view help,
                   std::uint64_t stats::Figures::Counts::*count) {
    family(name, counter, unit, help);
    each([&](const std::string& labels, const Row& row) { out_.sample(labels, row.figures->counts.*count); });
  }

  Exposition& out_;
  const Of& of_;
  std::string prefix_;
  std::string which_;
};

void write_series(Exposition& out, const Labelled& series) {
  RequestFamilies(out, series, "weir_", "").write();
  out.family("weir_request_phase_seconds", counter, "seconds",
             "Where the time went: the sum over all requests, by phase; the phase weir is what weir itself added.");
  series.for_each_counted(out, [&](const std::string& labels, const Row& row) {
    for (std::size_t i = 0; i < stats::kPhases; ++i) {
      const stats::Sketch& sketch = row.figures->phases[i];
      if (sketch.count() == sketch.zero_count()) continue;
      out.sample(with(labels, "phase", label(static_cast<stats::Phase>(i))), sketch.sum_seconds());
    }
  });
}

/// Each label set once, in the order in which they come: values of equal labels are added up. A series that an
/// exposition has twice is lost, since scrapers keep one of the two and say nothing.
template <class Value>
class ByLabels {
 public:
  Value& of(const std::string& labels) {
    const auto [place, is_new] = places_.try_emplace(labels, values_.size());
    if (is_new) values_.emplace_back(labels, Value());
    return values_[place->second].second;
  }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::vector<std::pair<std::string, Value>> values_;
  std::unordered_map<std::string, std::size_t> places_;
};

/// Two names may well be printed alike.
void write_said(Exposition& out, const Labelled& series) {
  out.family("weir_component_duration_seconds", histogram, "seconds",
             "What answers said in Server-Timing that a component took; over the answers that named it.");
  series.for_each_counted(out, [&](const std::string& labels, const Row& row) {
    ByLabels<stats::Sketch> durations;
    for (const stats::SaidFigures::Component& component : row.said->components) {
      durations.of(with(labels, "component", printable(component.name))).merge(component.duration);
    }
    for (const auto& [component, duration] : durations) out.histogram(component, duration);
  });
  out.family("weir_cache_answers", counter, "", "Answers by what a cache said of them.");
  series.for_each_counted(out, [&](const std::string& labels, const Row& row) {
    ByLabels<stats::CacheCounts> layers;
    for (const stats::SaidFigures::Layer& layer : row.said->layers) {
      layers.of(with(labels, "cache", printable(layer.name))).merge(layer.counts);
    }
    for (const auto& [cache, counts] : layers) {
      const auto& [hits, misses, unknown] = counts;
      out.sample(with(cache, "outcome", label(stats::CacheOutcome::hit)), hits);
      out.sample(with(cache, "outcome", label(stats::CacheOutcome::miss)), misses);
      out.sample(with(cache, "outcome", label(stats::CacheOutcome::unknown)), unknown);
    }
  });
}

std::string server_labels(std::string_view url, std::string_view upstream) {
  return with(with("", "server", url), "upstream", upstream);
}

void write_servers(Exposition& out, const Scrape& scrape) {
  struct Sums {
    stats::Figures figures;
    stats::AttemptCounts attempts{};
    WallTime created = WallTime::max();
  };
  ByLabels<Sums> servers;
  for (const stats::ServerView& server : scrape.cumulative->servers) {
    const std::string_view url = scrape.legend->server(server.server);
    if (url.empty()) continue;
    Sums& sums = servers.of(server_labels(url, scrape.legend->upstream(server.server)));
    sums.figures.merge_without_phases(server.figures);
    for (std::size_t i = 0; i < sums.attempts.size(); ++i) sums.attempts[i] += server.attempts[i];
    sums.created = std::min({sums.created, server.created, scrape.cumulative->as_of.wall});
  }
  out.family("weir_upstream_requests", counter, "",
             "Requests whose last attempt was at a server, by status class; weir_upstream_attempts has all attempts.");
  for (const auto& [labels, sums] : servers) {
    out.created(sums.created);
    write_classes(out, labels, sums.figures);
  }
  out.family("weir_upstream_request_duration_seconds", histogram, "seconds",
             "Whole durations of the requests whose last attempt was at a server.");
  for (const auto& [labels, sums] : servers) {
    out.created(sums.created);
    out.histogram(labels, sums.figures.duration);
  }
  out.family("weir_upstream_attempts", counter, "",
             "Attempts to have a request served by a server, by outcome; a request that is retried has several.");
  for (const auto& [labels, sums] : servers) {
    out.created(sums.created);
    for (std::size_t i = 0; i < sums.attempts.size(); ++i) {
      out.sample(with(labels, "outcome", label(static_cast<stats::AttemptOutcome>(i))), sums.attempts[i]);
    }
  }
}

void write_services(Exposition& out, const Scrape& scrape) {
  if (scrape.services.empty()) return;
  struct Unhealthy {
    bool is_any = false;
  };
  ByLabels<Unhealthy> services;
  for (const Service& service : scrape.services) {
    services.of(server_labels(service.url, service.upstream)).is_any |= service.is_unhealthy();
  }
  out.family("weir_upstream_server_healthy", gauge, "", "1: the server gets requests; 0: checks or connections fail.");
  for (const auto& [labels, unhealthy] : services) out.sample(labels, std::uint64_t{!unhealthy.is_any});
}

void write_connections(Exposition& out, const ConnectionFigures& figures) {
  out.family("weir_connections", counter, "", "Client connections by what became of them; most are only accepted.");
  for (const auto& [event, count] : figures.events) out.sample(with("", "event", event), count);
  out.family("weir_open_connections", gauge, "", "Connections that are open.");
  out.sample(with("", "side", "client"), std::uint64_t{figures.clients});
  out.sample(with("", "side", "upstream"), std::uint64_t{figures.upstreams});
  out.family("weir_retries_denied", counter, "", "Retries that were not made since the budget for them was spent.");
  out.sample("", figures.retries_denied);
  out.family("weir_accept_pauses", counter, "",
             "Times that accepting connections was paused because no file descriptor was free.");
  out.sample("", figures.accept_pauses);
  out.family("weir_upstream_connections_exhausted", counter, "",
             "Requests answered 503 since no descriptor, memory or port was left for a connection to the app.");
  out.sample("", figures.exhausted);
  if (!figures.log_lines_dropped) return;
  out.family("weir_access_log_lines_dropped", counter, "", "Lines of the access log that the disk did not take.");
  out.sample("", *figures.log_lines_dropped);
}

void write_in_flight(Exposition& out, const Labelled& series, const stats::View& view) {
  out.family("weir_in_flight", gauge, "", "Requests under way.");
  series.for_each([&](const std::string& labels, const Row& row) {
    if (!row.has_ended) out.sample(labels, std::uint64_t{row.in_flight});
  });
  out.family("weir_requests_in_flight", gauge, "", "Requests under way, of all routes together.");
  out.sample("", std::uint64_t{view.concurrency.now});
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
  const std::string name = scrape.name.empty() ? std::string() : with("", "name", printable(scrape.name));
  out.sample(with(name, "version", scrape.version), std::uint64_t{1});
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
  const Labelled series(scrape);
  write_series(out, series);
  RequestFamilies(out, Whole(*scrape.cumulative), "weir_all_", " All routes together, whatever becomes of them.")
      .write();
  write_said(out, series);
  write_in_flight(out, series, *scrape.cumulative);
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
