#include <doctest/doctest.h>

#include <weir/export/events_json.h>
#include <weir/export/prometheus.h>
#include <weir/stats/event_ledger.h>

#include "sample_ledger.h"

using namespace weir;
using namespace weir::exporter;
using stats::Event;
using stats::EventKind;

namespace {

constexpr auto kStart = std::chrono::sys_days{std::chrono::year(2026) / 1 / 31} + 9h + 30min;

stats::Moment at(Nanos since_start) {
  return {TimePoint(1000s) + since_start,
          WallTime(kStart) + std::chrono::duration_cast<WallTime::duration>(since_start)};
}

struct Events {
  stats::EventLedger ledger{at(0s)};

  void add(const std::string& name, EventKind kind, double amount, stats::Tags tags = {}) {
    Event event;
    event.name = name;
    event.kind = kind;
    event.amount = amount;
    event.tags = std::move(tags);
    ledger.add(event, at(1s).clock, at(1s));
  }
  std::string text() {
    SampleLedger sample;
    Scrape scrape;
    scrape.cumulative = sample.cumulative();
    scrape.legend = sample.legend();
    scrape.events = ledger.cumulative_view(at(2s));
    return exposition_of(scrape, TextFormat::prometheus);
  }
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("events JSON: each kind has its figures, a window without any has none") {
  Events events;
  events.add("download", EventKind::counter, 3);
  events.add("download", EventKind::counter, -1);
  events.add("render", EventKind::timing, 0.5);
  events.add("size", EventKind::distribution, 2048);
  events.add("depth", EventKind::gauge, 7);
  const std::string now = events_json(events.ledger.view(stats::Window::minute, at(2s)), {}, std::nullopt, false);
  CHECK(has(
      now,
      R"({"name":"download","type":"counter","count":2,"per_minute":60,"taken_back":1,"last_seen":"2026-01-31T09:30:01.000Z"})"));
  CHECK(has(
      now,
      R"("type":"timing","count":1,"per_minute":30,"avg_duration":0.5,"min_duration":0.5,"max_duration":0.5,"p50_duration":0.5,)"));
  CHECK(has(now, R"("type":"distribution","count":1,"per_minute":30,"avg":2048,"min":2048,"max":2048,"p50":2048,)"));
  CHECK(has(now, R"("type":"gauge","count":1,"per_minute":30,"value":7,"min":7,"max":7,)"));
  CHECK(has(
      now,
      R"("count":4,"overflowed":0,"statsd":null,"sort":"count","window":"1m","since":"2026-01-31T09:30:00.000Z","relative_error":)"));
  CHECK_FALSE(has(now, "series"));
  const std::string later =
      events_json(events.ledger.view(stats::Window::minute, at(2min)), {.kind = EventKind::timing}, std::nullopt, true);
  CHECK(has(later, R"("count":0,"per_minute":0,"avg_duration":null,"min_duration":null,)"));
  CHECK(has(later, R"("stale":true)"));
}

TEST_CASE("events in Prometheus text: counters never go down, tags are labels, boundaries are exact") {
  Events events;
  events.add("stock", EventKind::counter, 3, {{"plan", "a\"b"}});
  events.add("stock", EventKind::counter, -5, {{"plan", "a\"b"}});
  events.add("render", EventKind::timing, 0.5);
  for (const double size : {0.0, 4.0, 4.1, 9e9}) events.add("size", EventKind::distribution, size);
  const std::string text = events.text();
  CHECK(has(text, "weir_events_total{event=\"stock\",plan=\"a\\\"b\"} 3\n"));
  CHECK(has(text, "weir_events_taken_back_total{event=\"stock\",plan=\"a\\\"b\"} 5\n"));
  CHECK(has(text, "weir_event_duration_seconds_bucket{event=\"render\",le=\"0.25\"} 0\n"));
  CHECK(has(text, "weir_event_duration_seconds_bucket{event=\"render\",le=\"0.5\"} 1\n"));
  CHECK(has(text, "weir_event_distribution_bucket{event=\"size\",le=\"0.0009765625\"} 1\n"));
  CHECK(has(text, "weir_event_distribution_bucket{event=\"size\",le=\"4.0\"} 2\n"));
  CHECK(has(text, "weir_event_distribution_bucket{event=\"size\",le=\"16.0\"} 3\n"));
  CHECK(has(text, "weir_event_distribution_bucket{event=\"size\",le=\"4294967296.0\"} 3\n"));
  CHECK(has(text, "weir_event_distribution_bucket{event=\"size\",le=\"+Inf\"} 4\n"));
}
