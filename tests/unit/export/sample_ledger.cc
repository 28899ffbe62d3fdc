#include "sample_ledger.h"

#include "lab/exposition.h"

#include <doctest/doctest.h>

using namespace weir;

namespace {

/// Stands for the readers of headers, which this room does not know.
void hear(const stats::Detail& detail, stats::Said& said) {
  const std::size_t equals = detail.server_timing.find('=');
  if (equals != std::string_view::npos) {
    const int milliseconds = std::stoi(std::string(detail.server_timing.substr(equals + 1)));
    said.components.push_back({detail.server_timing.substr(0, equals), milliseconds * 1ms});
  }
  const std::size_t space = detail.cache_status.find(' ');
  if (space == std::string_view::npos) return;
  said.layers.push_back({std::string(detail.cache_status.substr(space + 1)),
                         *from_label<stats::CacheOutcome>(detail.cache_status.substr(0, space))});
}

}  // namespace

std::string exposition_of(const exporter::Scrape& scrape, exporter::TextFormat format) {
  std::string text = exporter::prometheus_text(scrape, format);
  CHECK_MESSAGE(!lab::series_that_is_twice(text), "twice: " << lab::series_that_is_twice(text).value_or(""));
  return text;
}

SampleLedger::SampleLedger() : ledger_({}, at(Nanos(0))) {
  exporter::Legend legend;
  legend.routes = {{"(unmatched)", "", Nanos(0)}, {"/projects", "api", Nanos(0)}, {"/projects/{id}", "api", 2s}};
  legend.servers = {"http://127.0.0.1:3000"};
  legend.upstreams = {"app"};
  legend.slow_threshold = 1s;
  legend_ = std::make_shared<exporter::Legend>(legend);
}

stats::Moment SampleLedger::at(Nanos since_start) {
  constexpr auto kStart = std::chrono::sys_days{std::chrono::year(2026) / 1 / 31} + 9h + 30min;
  return {TimePoint(1000s) + since_start,
          WallTime(kStart) + std::chrono::duration_cast<WallTime::duration>(since_start)};
}

void SampleLedger::finish(const Exchange& exchange, Nanos when) {
  stats::Record record;
  record.ended_ns = at(when).clock.time_since_epoch().count();
  record.duration_ns = exchange.duration.count();
  record.phases.wait = static_cast<float>(exchange.duration.count());
  record.route = exchange.route;
  record.method = exchange.method;
  record.status = exchange.status;
  record.fault = exchange.fault;
  record.traits = exchange.traits;
  record.bytes_out = 1000;
  record.concurrency = 3;
  record.route_concurrency = 2;
  if (!record.has(stats::kLocalReply)) record.server = exchange.server;
  stats::Detail detail;
  detail.path = exchange.path;
  detail.client = "192.0.2.7";
  detail.request_id = "req-1";
  detail.server_timing = exchange.components;
  detail.cache_status = exchange.cache;
  stats::Batch batch;
  batch.add(record, detail);
  batch.note_in_flight(record.concurrency);
  ledger_.fold(batch, 0, at(when), {}, hear);
}

void SampleLedger::fill() {
  finish({.route = kProjects, .duration = 62500us, .path = "/projects"}, 1s);
  finish({.route = kProjects, .method = Method::post, .status = 201, .duration = 250ms, .path = "/projects"}, 2s);
  finish({.route = kProject, .duration = 2s, .path = "/projects/17", .traits = stats::kSlow}, 4s);
  finish({.route = kUnmatchedRoute, .status = 404, .duration = 1ms, .path = "/\"odd\"\n"}, 5s);
  finish({.route = kUnmatchedRoute,
          .method = Method::post,
          .status = 502,
          .duration = 500us,
          .path = "/down",
          .fault = Fault::connect_failed,
          .traits = stats::kLocalReply},
         6s);
}
