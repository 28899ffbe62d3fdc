#include <doctest/doctest.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <weir/base/distinct_hashes.h>
#include <weir/proxy/recorder.h>
#include <weir/stats/figures.h>

using namespace weir;
using namespace weir::proxy;

namespace {

const TimePoint kStart = TimePoint() + 1h;

/// A fast exchange on a known route that went well: nothing that asks for detail.
Exchange plain() {
  Exchange exchange;
  exchange.at.first_byte = exchange.at.turn = kStart;
  exchange.at.last_byte_given = kStart + 2ms;
  exchange.slow_threshold_ns = Nanos(1s).count();
  exchange.status = 200;
  exchange.route = RouteId(7);
  exchange.method = Method::get;
  exchange.texts.path = "/a";
  return exchange;
}

struct Bench {
  int given = 0;
  Recorder recorder{[this] { ++given; }};

  /// Until only one in 256 is drawn for the sample.
  void warm_up() {
    for (int i = 0; record(plain()).sample_level < 8; ++i) {
      if (i % 1000 == 0) recorder.handoff().filling().clear();
    }
    recorder.handoff().filling().clear();
  }

  stats::Record record(Exchange exchange) {
    recorder.begin(exchange);
    recorder.finish(exchange);
    const auto records = recorder.handoff().filling().records();
    REQUIRE_FALSE(records.empty());
    return records.back();
  }
  stats::Detail detail(const stats::Record& record) { return recorder.handoff().filling().detail(record); }
};

}  // namespace

TEST_CASE("Recorder: phases follow from the points of the timeline") {
  Bench bench;
  Exchange exchange = plain();
  Timeline& at = exchange.at;
  at.head_complete = kStart + 1ms;
  at.body_complete = kStart + 5ms;
  at.first_asked = at.upstream_asked = kStart + 2ms;
  at.connect_begun = kStart + 12ms;
  at.connection_ready = kStart + 15ms;
  at.first_byte_sent = kStart + 16ms;
  at.request_sent = kStart + 20ms;
  at.response_first = kStart + 120ms;
  at.first_byte_given = kStart + 122ms;
  at.response_last = kStart + 150ms;
  at.last_byte_given = kStart + 157ms;
  const stats::Record record = bench.record(exchange);
  CHECK(record.ended_ns == at.last_byte_given.time_since_epoch().count());
  CHECK(record.duration_ns == Nanos(157ms).count());
  CHECK(record.stream_ns == 0);
  const auto is_ms = [](float phase, double ms) { return phase == doctest::Approx(ms * 1e6); };
  CHECK(is_ms(record.phases.client_send, 1));
  CHECK(is_ms(record.phases.queue, 10));
  CHECK(record.phases.retry == 0);
  CHECK(is_ms(record.phases.connect, 3));
  CHECK(is_ms(record.phases.send, 4));
  CHECK(is_ms(record.phases.wait, 100));
  CHECK(is_ms(record.phases.receive, 28));
  CHECK(is_ms(record.phases.client_read, 7));
  CHECK(is_ms(record.phases.weir, 1 + 1 + 2));
}

TEST_CASE("Recorder: phases add up to the duration, whatever points were reached and in whatever order") {
  Bench bench;
  std::uint32_t random = 1;
  const auto next = [&random](std::uint32_t below) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % below;
  };
  for (int round = 0; round < 2'000; ++round) {
    CAPTURE(round);
    Exchange exchange = plain();
    Timeline& at = exchange.at;
    const bool is_ordered = round % 2 == 0;
    auto last = kStart;
    for (TimePoint* point : {&at.turn, &at.head_complete, &at.body_complete, &at.first_asked, &at.upstream_asked,
                             &at.connect_begun, &at.connection_ready, &at.first_byte_sent, &at.request_sent,
                             &at.response_first, &at.first_byte_given, &at.response_last}) {
      const TimePoint chosen = is_ordered ? last + Nanos(1ms) * next(5) : kStart + Nanos(1ms) * next(60);
      if (next(8) == 0) continue;
      *point = last = chosen;
    }
    at.last_byte_given = (is_ordered ? last : kStart + 60ms) + Nanos(1ms) * next(5);
    at.app_held = Nanos(1ms) * (next(4) == 0 ? next(10) : 0);
    if (next(4) == 0) exchange.traits |= stats::kStream;
    const stats::Record record = bench.record(exchange);
    float sum = 0;
    for (std::size_t phase = 0; phase < stats::kPhases; ++phase) {
      const float taken = stats::phase_of(record.phases, static_cast<stats::Phase>(phase));
      CHECK(taken >= 0);
      sum += taken;
    }
    CHECK(sum == doctest::Approx(static_cast<double>(record.duration_ns)).epsilon(1e-5));
  }
}

TEST_CASE("Recorder: attempts that failed, waits behind other requests and waits for the app have phases of their own") {
  Bench bench;
  Exchange exchange = plain();
  Timeline& at = exchange.at;
  const auto is_ms = [](float phase, double ms) { return phase == doctest::Approx(ms * 1e6); };
  at.turn = at.head_complete = at.first_asked = kStart + 900ms;
  at.upstream_asked = at.connect_begun = at.connection_ready = at.first_byte_sent = kStart + 2400ms;
  at.body_complete = at.request_sent = kStart + 3400ms;
  at.app_held = 600ms;
  at.response_first = at.first_byte_given = at.response_last = at.last_byte_given = kStart + 3500ms;
  const stats::Phases phases = bench.record(exchange).phases;
  CHECK(is_ms(phases.queue, 900));
  CHECK(is_ms(phases.retry, 1500));
  CHECK(is_ms(phases.client_send, 400));
  CHECK(is_ms(phases.send, 600));
  CHECK(is_ms(phases.wait, 100));
}

TEST_CASE("Recorder: a phase that was not reached, or that runs backwards, is 0") {
  Bench bench;
  const stats::Record refused = bench.record(plain());
  CHECK(refused.phases.queue == 0);
  CHECK(refused.phases.connect == 0);
  CHECK(refused.phases.wait == 0);
  CHECK(refused.phases.receive == 0);
  CHECK(refused.phases.weir == 0);

  // The answer came before the request was through.
  Exchange early = plain();
  early.at.connection_ready = kStart;
  early.at.first_byte_sent = kStart + 1ms;
  early.at.response_first = kStart + 1ms;
  early.at.request_sent = kStart + 2ms;
  CHECK(bench.record(early).phases.wait == 0);
}

TEST_CASE("Recorder: what was under way when an exchange was cut short lasted until then") {
  Bench bench;
  Exchange exchange = plain();
  Timeline& at = exchange.at;
  const auto is_ms = [](float phase, double ms) { return phase == doctest::Approx(ms * 1e6); };
  at.turn = kStart;
  at.head_complete = at.first_asked = at.upstream_asked = kStart + 1ms;
  at.last_byte_given = kStart + 1001ms;
  SUBCASE("waiting for a free connection") {
    CHECK(is_ms(bench.record(exchange).phases.queue, 1000));
  }
  SUBCASE("connecting") {
    at.connect_begun = kStart + 3ms;
    const stats::Phases phases = bench.record(exchange).phases;
    CHECK(is_ms(phases.queue, 2));
    CHECK(is_ms(phases.connect, 998));
    CHECK(phases.send == 0);
  }
  at.connect_begun = kStart + 1ms;
  at.connection_ready = at.first_byte_sent = kStart + 2ms;
  SUBCASE("sending, since the client has stopped") {
    const stats::Phases phases = bench.record(exchange).phases;
    CHECK(is_ms(phases.client_send, 1000));
    CHECK(phases.send == 0);
    CHECK(phases.wait == 0);
  }
  at.body_complete = at.head_complete;
  at.request_sent = at.first_byte_sent;
  SUBCASE("waiting for an answer that never came: weir's own took a millisecond to be read") {
    at.first_byte_given = at.response_last = kStart + 1000ms;
    const stats::Phases phases = bench.record(exchange).phases;
    CHECK(is_ms(phases.client_send, 1));
    CHECK(is_ms(phases.connect, 1));
    CHECK(is_ms(phases.wait, 998));
    CHECK(phases.receive == 0);
    CHECK(is_ms(phases.client_read, 1));
  }
  SUBCASE("receiving, when the client left") {
    at.response_first = at.first_byte_given = kStart + 5ms;
    const stats::Phases phases = bench.record(exchange).phases;
    CHECK(is_ms(phases.wait, 3));
    CHECK(is_ms(phases.receive, 996));
    CHECK(phases.client_read == 0);
  }
}

TEST_CASE("Recorder: facts go over as they are") {
  Bench bench;
  Exchange exchange = plain();
  exchange.bytes_in = 11;
  exchange.bytes_out = 22;
  exchange.texts.path = "/users/17";
  exchange.server = ServerId(3);
  exchange.status = 504;
  exchange.fault = Fault::response_timeout;
  exchange.traits = stats::kRetried | stats::kLocalReply;
  const stats::Record record = bench.record(exchange);
  CHECK(record.bytes_in == 11);
  CHECK(record.bytes_out == 22);
  CHECK(record.path_hash == distinct_hash("/users/17"));
  CHECK(record.route == RouteId(7));
  CHECK(record.server == ServerId(3));
  CHECK(record.status == 504);
  CHECK(record.fault == Fault::response_timeout);
  CHECK(record.method == Method::get);
  CHECK(record.has(stats::kRetried));
  CHECK(record.has(stats::kLocalReply));
  CHECK_FALSE(record.has(stats::kSlow));
  CHECK(record.is_error());
}

TEST_CASE("Recorder: slow is at or above the threshold") {
  Bench bench;
  Exchange exchange = plain();
  exchange.at.last_byte_given = kStart + 1s - 1ns;
  CHECK_FALSE(bench.record(exchange).has(stats::kSlow));
  exchange.at.last_byte_given = kStart + 1s;
  CHECK(bench.record(exchange).has(stats::kSlow));
}

TEST_CASE("Recorder: a stream counts with its time to first byte; how long it stayed open is kept apart") {
  Bench bench;
  Exchange exchange = plain();
  exchange.traits = stats::kStream;
  exchange.at.response_first = kStart + 20ms;
  exchange.at.first_byte_given = kStart + 20ms;
  exchange.at.response_last = kStart + 1h - 1s;
  exchange.at.last_byte_given = kStart + 1h;
  const stats::Record record = bench.record(exchange);
  CHECK(record.phases.receive == 0);
  CHECK(record.phases.client_read == 0);
  CHECK(record.duration_ns == Nanos(20ms).count());
  CHECK(record.stream_ns == Nanos(1h).count());
  CHECK_FALSE(record.has(stats::kSlow));
}

TEST_CASE("Recorder: texts go along with what may be slow, failed, is to be learned or drawn, and with nothing else") {
  Bench bench;
  bench.warm_up();
  const auto has_detail = [&](const Exchange& exchange) {
    const stats::Record record = bench.record(exchange);
    if (record.has(stats::kSampled)) return false;
    if (record.detail == stats::kNoDetail) return false;
    CHECK(bench.detail(record).path == "/a");
    return true;
  };
  const auto ever_has_detail = [&](const Exchange& exchange) {
    // One in 256 is drawn whatever it is: a few attempts tell the rule from the luck.
    for (int i = 0; i < 20; ++i) {
      if (has_detail(exchange)) return true;
    }
    return false;
  };
  CHECK_FALSE(ever_has_detail(plain()));
  Exchange slow = plain();
  slow.at.last_byte_given = kStart + 2s;
  CHECK(ever_has_detail(slow));
  Exchange outlier = plain();
  outlier.at.last_byte_given = kStart + 100ms;
  CHECK(ever_has_detail(outlier));
  outlier.at.last_byte_given = kStart + 100ms - 1ns;
  CHECK_FALSE(ever_has_detail(outlier));
  Exchange failed = plain();
  failed.status = 404;
  CHECK(ever_has_detail(failed));
  Exchange cut = plain();
  cut.fault = Fault::upstream_truncated;
  CHECK(ever_has_detail(cut));
  Exchange unmatched = plain();
  unmatched.wants_detail = true;
  CHECK(ever_has_detail(unmatched));
  Exchange left = plain();
  left.fault = Fault::client_aborted;
  CHECK_FALSE(ever_has_detail(left));
}

TEST_CASE("Recorder: the client goes along where its network is counted") {
  Bench bench;
  bench.warm_up();
  Exchange exchange = plain();
  exchange.texts.client = "192.0.2.7";
  exchange.wants_client = true;
  stats::Record record = bench.record(exchange);
  while (record.has(stats::kSampled)) record = bench.record(exchange);
  CHECK(bench.detail(record).client == "192.0.2.7");
  CHECK(bench.detail(record).path.empty());
  exchange.traits = stats::kProbe;
  record = bench.record(exchange);
  while (record.has(stats::kSampled)) record = bench.record(exchange);
  CHECK(record.detail == stats::kNoDetail);
}

TEST_CASE("Recorder: at first all are drawn for the sample, then fewer and fewer, each saying how few") {
  Bench bench;
  for (int i = 0; i < 256; ++i) {
    const stats::Record record = bench.record(plain());
    REQUIRE(record.has(stats::kSampled));
    REQUIRE(record.sample_level == 0);
  }
  CHECK(bench.record(plain()).sample_level == 1);
  for (int i = 0; i < 256; ++i) bench.record(plain());
  CHECK(bench.record(plain()).sample_level == 2);
}

TEST_CASE("Recorder: in the end about one in 256 is drawn for the sample") {
  Bench bench;
  bench.warm_up();
  int drawn = 0;
  for (int i = 0; i < 256 * 200; ++i) {
    const stats::Record record = bench.record(plain());
    if (record.has(stats::kSampled)) {
      ++drawn;
      CHECK(record.detail != stats::kNoDetail);
    }
    if (i % 1000 == 0) bench.recorder.handoff().filling().clear();
  }
  CHECK(drawn > 100);
  CHECK(drawn < 320);
}

TEST_CASE("Recorder: in flight from begin to finish or forget, in any order") {
  Bench bench;
  Exchange a = plain(), b = plain(), c = plain();
  b.method = Method::post;
  bench.recorder.begin(a);
  bench.recorder.begin(b);
  bench.recorder.begin(c);
  CHECK(bench.recorder.in_flight() == 3);
  CHECK(a.concurrency == 1);
  CHECK(c.concurrency == 3);
  CHECK(b.route_concurrency == 1);
  CHECK(c.route_concurrency == 2);
  CHECK(bench.recorder.hand_over_for_question());
  const stats::Batch& batch = *bench.recorder.handoff().take();
  CHECK(batch.has_in_flight_picture());
  REQUIRE(batch.in_flight().size() == 2);
  std::uint32_t counted = 0;
  for (const stats::InFlight& entry : batch.in_flight()) {
    CHECK(entry.route == RouteId(7));
    CHECK(entry.count == (entry.method == Method::get ? 2 : 1));
    counted += entry.count;
  }
  CHECK(counted == 3);
  bench.recorder.finish(b);
  bench.recorder.forget(a);
  bench.recorder.finish(c);
  CHECK(bench.recorder.in_flight() == 0);
  CHECK(bench.recorder.handoff().filling().records().size() == 2);
}

TEST_CASE("Recorder: a picture is what is under way then, with many routes that come and go") {
  Bench bench;
  std::vector<Exchange> exchanges(3000, plain());
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    exchanges[i].route = RouteId(static_cast<std::uint32_t>(i % 500));
    exchanges[i].method = i % 3 == 0 ? Method::post : Method::get;
    bench.recorder.begin(exchanges[i]);
  }
  const auto picture = [&] {
    REQUIRE(bench.recorder.hand_over_for_question());
    stats::Batch* batch = bench.recorder.handoff().take();
    std::map<std::pair<RouteId, Method>, std::uint32_t> counts;
    for (const stats::InFlight& some : batch->in_flight()) {
      CHECK(some.count != 0);
      CHECK(counts.emplace(std::pair(some.route, some.method), some.count).second);
    }
    batch->clear();
    bench.recorder.handoff().done();
    return counts;
  };
  const auto expected = [&](std::size_t first) {
    std::map<std::pair<RouteId, Method>, std::uint32_t> counts;
    for (std::size_t i = first; i < exchanges.size(); ++i) ++counts[{exchanges[i].route, exchanges[i].method}];
    return counts;
  };
  CHECK(picture() == expected(0));
  for (std::size_t i = 0; i < 2900; ++i) bench.recorder.forget(exchanges[i]);
  CHECK(picture() == expected(2900));
  CHECK(picture() == expected(2900));
  // One that has left the list comes back to it.
  for (std::size_t i = 0; i < 2900; ++i) bench.recorder.begin(exchanges[i]);
  CHECK(picture() == expected(0));
  for (Exchange& exchange : exchanges) bench.recorder.forget(exchange);
  CHECK(picture().empty());
  CHECK(bench.recorder.in_flight() == 0);
}

TEST_CASE("Recorder: a batch that is half full is handed over by itself, an empty one is not handed over") {
  Bench bench;
  bench.recorder.hand_over();
  CHECK(bench.given == 0);
  for (std::size_t i = 0; i < stats::Batch::kMaxRecords / 2 - 1; ++i) {
    Exchange exchange = plain();
    bench.recorder.begin(exchange);
    bench.recorder.finish(exchange);
  }
  CHECK(bench.given == 0);
  Exchange last = plain();
  bench.recorder.begin(last);
  bench.recorder.finish(last);
  CHECK(bench.given == 1);
  REQUIRE(bench.recorder.handoff().take() != nullptr);
  CHECK(bench.recorder.handoff().take()->records().size() == stats::Batch::kMaxRecords / 2);
}

TEST_CASE("Recorder: a question is answered even with nothing to give, unless the last batch is still out") {
  Bench bench;
  CHECK(bench.recorder.hand_over_for_question());
  CHECK_FALSE(bench.recorder.hand_over_for_question());
  bench.recorder.handoff().take()->clear();
  bench.recorder.handoff().done();
  CHECK(bench.recorder.hand_over_for_question());
}

TEST_CASE("Recorder: what is under way over all workers is noted when one has more than before") {
  InFlightBoard board;
  Recorder one([] {}, &board);
  Recorder other([] {}, &board);
  Exchange a = plain(), b = plain(), c = plain();
  one.begin(a);
  CHECK(one.handoff().filling().highest_in_flight() == 1);
  other.begin(b);
  other.begin(c);
  CHECK(other.handoff().filling().highest_in_flight() == 3);
  one.finish(a);
  other.finish(b);
  one.begin(a);
  CHECK(one.handoff().filling().highest_in_flight() == 1);  // no more of its own than before
  CHECK(board.total() == 2);
  one.finish(a);
  other.finish(c);
  CHECK(board.total() == 0);
  one.hand_over();
  one.begin(a);
  CHECK(one.handoff().filling().highest_in_flight() == 1);
  one.finish(a);
}
