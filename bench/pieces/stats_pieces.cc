// What becomes of a finished exchange: a record on its worker, sums and answers on the control thread.
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include <weir/export/legend.h>
#include <weir/export/performance_json.h>
#include <weir/proxy/exchange.h>
#include <weir/proxy/recorder.h>
#include <weir/stats/batch.h>
#include <weir/stats/ledger.h>
#include <weir/stats/sketch.h>

#include "pieces.h"

namespace weir::bench {
namespace {

using stats::Batch;
using stats::Ledger;
using stats::Moment;
using stats::Record;
using stats::Sketch;

const TimePoint kStart = TimePoint(1h);

Moment at(Nanos since_start) { return {kStart + since_start, WallTime(1'769'852'000s) + since_start}; }

/// Durations as they are: most near the median, some far above. The same at every run, whatever the library does.
class Durations {
 public:
  std::int64_t next(double median_ns) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    const double even = static_cast<double>(state_ >> 11) / 9007199254740992.0;
    return static_cast<std::int64_t>(median_ns * std::exp2((even - 0.5) * 3) * (even > 0.99 ? 10 : 1));
  }

 private:
  std::uint64_t state_ = 7;
};

std::vector<Record> records_of(std::size_t count, std::uint32_t routes) {
  Durations durations;
  std::vector<Record> records(count);
  for (std::size_t i = 0; i < count; ++i) {
    Record& record = records[i];
    record.route = RouteId(1 + static_cast<std::uint32_t>(i * 7919 % routes));
    record.method = Method::get;
    record.status = i % 100 == 0 ? 500 : 200;
    record.server = ServerId(0);
    record.bytes_out = 500 + i % 4000;
    record.traits = stats::kReusedConnection;
    record.phases.send = static_cast<float>(durations.next(9e3));
    record.phases.wait = static_cast<float>(durations.next(2e7));
    record.phases.client_read = static_cast<float>(durations.next(1.2e4));
    record.phases.weir = static_cast<float>(durations.next(2.5e4));
    record.duration_ns = static_cast<std::int64_t>(record.phases.wait + record.phases.weir);
    record.ended_ns = at(Nanos(1s)).clock.time_since_epoch().count();
  }
  return records;
}

/// A worker's share: an exchange begins and ends, its batch goes to and fro.
void record_exchanges(proxy::Recorder& recorder, std::uint64_t times) {
  proxy::Exchange exchange;
  for (std::uint64_t i = 0; i < times; ++i) {
    exchange = {};
    exchange.at.first_byte = exchange.at.turn = kStart;
    exchange.at.head_complete = exchange.at.body_complete = kStart;
    exchange.at.first_asked = exchange.at.upstream_asked = kStart + 2us;
    exchange.at.connect_begun = exchange.at.connection_ready = kStart + 2us;
    exchange.at.first_byte_sent = exchange.at.request_sent = kStart + 5us;
    exchange.at.response_first = kStart + 2ms;
    exchange.at.first_byte_given = exchange.at.response_last = exchange.at.last_byte_given = kStart + 2ms + 5us;
    exchange.slow_threshold_ns = Nanos(1s).count();
    exchange.status = 200;
    exchange.route = RouteId(7);
    exchange.method = Method::get;
    exchange.texts.path = "/projects/17";
    exchange.texts.client = "127.0.0.1";
    recorder.begin(exchange);
    recorder.finish(exchange);
    if (Batch* full = recorder.handoff().take(); full != nullptr) {
      full->clear();
      recorder.handoff().done();
    }
  }
}

Work record() {
  auto recorder = std::make_shared<proxy::Recorder>([] {}, nullptr);
  // A worker samples its first exchanges more densely than those that follow for the rest of its life.
  record_exchanges(*recorder, 100'000);
  return [recorder](std::uint64_t times) { record_exchanges(*recorder, times); };
}

/// Times are records: a batch of 2,048 over so many routes, folded as often as it takes.
Work fold(std::uint32_t routes) {
  auto batch = std::make_shared<Batch>();
  for (const Record& each : records_of(Batch::kMaxRecords / 2, routes)) batch->add(each);
  auto ledger = std::make_shared<Ledger>(stats::LedgerLimits{}, at(0s));
  ledger->fold(*batch, 0, at(1s));
  return [batch, ledger](std::uint64_t times) {
    for (std::uint64_t done = 0; done < times; done += batch->records().size()) ledger->fold(*batch, 0, at(1s));
  };
}

Work sketch_insert() {
  Durations durations;
  std::vector<std::int64_t> values(4096);
  for (auto& value : values) value = durations.next(2e7);
  return [values = std::move(values), sketch = std::make_shared<Sketch>()](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) sketch->add(values[i % values.size()]);
    keep(*sketch);
  };
}

Work sketch_merge() {
  Durations durations;
  auto one = std::make_shared<Sketch>();
  for (int i = 0; i < 10'000; ++i) one->add(durations.next(2e7));
  return [one, sum = std::make_shared<Sketch>()](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) sum->merge(*one);
    keep(*sum);
  };
}

exporter::Picture picture_of(std::uint32_t routes) {
  Batch batch;
  Ledger ledger({}, at(0s));
  for (int round = 0; round < 8; ++round) {
    for (const Record& each : records_of(Batch::kMaxRecords, routes)) batch.add(each);
    ledger.fold(batch, 0, at(1s));
    batch.clear();
  }
  auto legend = std::make_shared<exporter::Legend>();
  legend->routes.resize(routes + 1);
  for (std::uint32_t i = 1; i <= routes; ++i) legend->routes[i].path = "/api/resource" + std::to_string(i) + "/{id}";
  legend->servers = {"http://127.0.0.1:3000"};
  stats::ViewRequest request;
  request.with_phases = false;
  exporter::Picture picture;
  picture.view = ledger.view(request, at(2s));
  picture.legend = std::move(legend);
  return picture;
}

Work stats_json() {
  return [picture = std::make_shared<exporter::Picture>(picture_of(1000))](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) keep(exporter::stats_json(*picture, {}));
  };
}

}  // namespace

std::vector<Piece> stats_pieces() {
  return {
      {"record", record, 4096},
      {"fold/1_route", [] { return fold(1); }, 4096},
      {"fold/1000_routes", [] { return fold(1000); }, 4096},
      {"sketch/insert", sketch_insert, 4096},
      {"sketch/merge", sketch_merge, 200},
      {"stats_json/1000_routes", stats_json, 1},
  };
}

}  // namespace weir::bench
