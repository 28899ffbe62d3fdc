#include <weir/stats/batch.h>

#include <string>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::stats;

TEST_CASE("Batch: a detail comes back as it went in") {
  Batch batch;
  Detail detail;
  detail.path = "/users/17";
  detail.client = "127.0.0.1";
  detail.trace_id = "0af7651916cd43dd8448eb211c80319c";
  detail.cache_status = "X-Cache: HIT";
  batch.add(Record{}, detail);
  batch.add(Record{});
  REQUIRE(batch.records().size() == 2);
  const Detail back = batch.detail(batch.records()[0]);
  CHECK(back.path == detail.path);
  CHECK(back.client == detail.client);
  CHECK(back.user.empty());
  CHECK(back.trace_id == detail.trace_id);
  CHECK(back.cache_status == detail.cache_status);
  CHECK(batch.detail(batch.records()[1]).path.empty());
  CHECK(batch.details_left_out() == 0);
}

TEST_CASE("Batch: a long text is cut, not refused") {
  Batch batch;
  const std::string path(8192, 'x');
  Detail detail;
  detail.path = path;
  batch.add(Record{}, detail);
  CHECK(batch.detail(batch.records()[0]).path.size() == Batch::kMaxText);
}

TEST_CASE("Batch: a full arena leaves texts out, keeps the record and says so") {
  Batch batch;
  const std::string path(Batch::kMaxText, 'x');
  Detail detail;
  detail.path = path;
  std::size_t added = 0;
  while (batch.details_left_out() == 0) {
    batch.add(Record{}, detail);
    ++added;
  }
  CHECK(batch.records().size() == added);
  CHECK(batch.detail(batch.records().back()).path.empty());
  CHECK(batch.detail(batch.records().front()).path.size() == Batch::kMaxText);
  CHECK(added > Batch::kArenaBytes / Batch::kMaxText / 2);
}

TEST_CASE("Batch: full and not taken, it folds and starts afresh") {
  Batch batch;
  for (std::size_t i = 0; i <= Batch::kMaxRecords; ++i) batch.add(Record{});
  CHECK(batch.overflow() != nullptr);
  CHECK(batch.records().size() == 1);
  batch.clear();
  CHECK(batch.is_empty());
  CHECK(batch.overflow() == nullptr);
}

TEST_CASE("Batch: attempts are counted by server, also where there is no record yet, and an overflow loses none") {
  Batch batch;
  FailedAttempts& failed = batch.failed_attempts();
  failed.count(kNoServer, AttemptOutcome::stale);
  failed.count_last(kNoServer, AttemptOutcome::none);
  failed.count_last(ServerId(0), AttemptOutcome::response);
  CHECK(batch.is_empty());
  failed.count(ServerId(2), AttemptOutcome::closed);
  CHECK(!batch.is_empty());
  for (std::size_t i = 0; i <= Batch::kMaxRecords; ++i) batch.add(Record{});
  failed.count_last(ServerId(2), AttemptOutcome::closed);
  failed.count_last(ServerId(2), AttemptOutcome::none);
  REQUIRE(failed.counts().size() == 3);
  CHECK(failed.counts()[2] == FailedAttempts::Counts{{0, 0, 0, 2}, 2});
  CHECK(failed.counts()[2].with_responses(7) == AttemptCounts{5, 0, 0, 2});
  CHECK(failed.counts()[0] == FailedAttempts::Counts());
  batch.clear();
  CHECK(batch.is_empty());
  CHECK(failed.counts()[2] == FailedAttempts::Counts());
}

TEST_CASE("Batch: the outcome of the last attempt follows from the record") {
  const auto outcome = [](Fault fault, std::uint16_t status = 0, std::uint16_t traits = 0) {
    Record record;
    record.fault = fault;
    record.status = status;
    record.traits = traits;
    return outcome_of_last_attempt(record);
  };
  CHECK(outcome(Fault::none, 500) == AttemptOutcome::response);
  CHECK(outcome(Fault::upstream_truncated, 200) == AttemptOutcome::response);
  CHECK(outcome(Fault::client_aborted, 200) == AttemptOutcome::response);
  CHECK(outcome(Fault::client_aborted) == AttemptOutcome::abandoned);
  CHECK(outcome(Fault::body_too_large, 413, kLocalReply) == AttemptOutcome::abandoned);
  CHECK(outcome(Fault::upstream_closed, 502, kLocalReply) == AttemptOutcome::closed);
  CHECK(outcome(Fault::upstream_closed, 502, kLocalReply | kReusedConnection) == AttemptOutcome::stale);
  CHECK(outcome(Fault::connect_timeout, 504, kLocalReply) == AttemptOutcome::not_connected);
  CHECK(outcome(Fault::overloaded, 503, kLocalReply) == AttemptOutcome::none);
}

TEST_CASE("Batch: an in-flight picture that is empty is still one") {
  Batch batch;
  CHECK(!batch.has_in_flight_picture());
  CHECK(batch.is_empty());
  batch.in_flight();
  CHECK(batch.has_in_flight_picture());
  CHECK(!batch.is_empty());
  batch.clear();
  CHECK(!batch.has_in_flight_picture());
}
