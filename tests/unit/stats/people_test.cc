#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "active_count.h"
#include "feeding.h"
#include "heavy_hitters.h"
#include "people_ledger.h"

using namespace weir;
using namespace weir::stats;
using namespace weir::stats::test;

namespace {

struct Visit {
  std::string user;
  Nanos at = 1s;
  std::uint16_t status = 200;
  Nanos duration = 10ms;
  std::string tenant{};
  std::uint16_t traits = 0;
};

void feed_visit(Ledger& ledger, const Visit& visit) {
  Detail detail;
  detail.user = visit.user;
  detail.tenant = visit.tenant;
  feed(ledger, record_at(visit.at, {.duration = visit.duration, .status = visit.status, .traits = visit.traits}),
       visit.at, detail);
}

std::vector<std::string> names(const PeopleView& view) {
  std::vector<std::string> result;
  for (const Person& person : view.top) result.push_back(person.name);
  return result;
}

PeopleView users(Ledger& ledger, PeopleOrder order, Nanos now, Window window = Window::all) {
  return ledger.people(Party::user, {.window = window, .order = order}, at(now));
}

using People = std::vector<std::string>;

}  // namespace

TEST_CASE("People: each order puts first whoever has most of it") {
  Ledger ledger({}, at(0s));
  for (int i = 0; i < 5; ++i) feed_visit(ledger, {.user = "busy"});
  for (int i = 0; i < 3; ++i) feed_visit(ledger, {.user = "refused", .status = 429});
  feed_visit(ledger, {.user = "slow", .duration = 9s});
  feed_visit(ledger, {.user = "unlucky", .status = 500});
  CHECK(names(users(ledger, PeopleOrder::total_requests, 1s)) == People{"busy", "refused", "slow", "unlucky"});
  CHECK(names(users(ledger, PeopleOrder::total_errors, 1s)) == People{"refused", "unlucky"});
  CHECK(names(users(ledger, PeopleOrder::rate_limited, 1s)) == People{"refused"});
  CHECK(names(users(ledger, PeopleOrder::time_spent, 1s)).front() == "slow");
  CHECK(names(users(ledger, PeopleOrder::avg_duration, 1s)).front() == "slow");
  const PeopleView view = users(ledger, PeopleOrder::total_requests, 1s);
  CHECK(view.top[1].counts == PersonCounts{3, 3, 3, 30'000'000});
  CHECK(view.top[1].counts.error_rate() == doctest::Approx(100));
  CHECK(view.unlisted == PersonCounts{});
  CHECK(ledger.people(Party::user, {.limit = 2}, at(1s)).top.size() == 2);
}

TEST_CASE("People: users and tenants are told apart, probes and the nameless are nobody") {
  Ledger ledger({}, at(0s));
  feed_visit(ledger, {.user = "ada", .tenant = "acme"});
  feed_visit(ledger, {.user = "", .tenant = "acme"});
  feed_visit(ledger, {.user = "probe", .traits = kProbe});
  CHECK(names(users(ledger, PeopleOrder::total_requests, 1s)) == People{"ada"});
  const PeopleView tenants = ledger.people(Party::tenant, {}, at(1s));
  CHECK(names(tenants) == People{"acme"});
  CHECK(tenants.top[0].counts.requests == 2);
}

TEST_CASE("People: client networks are counted where that is asked for, addresses alone") {
  Ledger ledger({}, at(0s));
  const auto visit = [&](std::string_view client) {
    Detail detail;
    detail.client = client;
    feed(ledger, record_at(1s), 1s, detail);
  };
  visit("192.0.2.7");
  CHECK(ledger.people(Party::network, {}, at(1s)).top.empty());
  ledger.count_networks(true);
  for (const char* client : {"192.0.2.7", "192.0.2.250", "192.0.3.7", "2001:db8:7:1::1", "2001:db8:7:2::1", "unix:"}) {
    visit(client);
  }
  const PeopleView view = ledger.people(Party::network, {}, at(1s));
  REQUIRE(view.top.size() == 3);
  CHECK(view.top[0].name == "192.0.2.0/24");
  CHECK(view.top[0].counts.requests == 2);
  CHECK(view.top[1].name == "2001:db8:7::/48");
  CHECK(view.top[1].counts.requests == 2);
  CHECK(view.top[2].name == "192.0.3.0/24");
  CHECK(view.active == 3);
}

TEST_CASE("People: figures and active ones slide with the window") {
  Ledger ledger({}, at(0s));
  feed_visit(ledger, {.user = "early", .at = 1s});
  feed_visit(ledger, {.user = "late", .at = 100s});
  feed_visit(ledger, {.user = "late", .at = 110s});
  const auto active = [&](Window window, Nanos now) {
    return users(ledger, PeopleOrder::total_requests, now, window).active;
  };
  CHECK(names(users(ledger, PeopleOrder::total_requests, 110s, Window::minute)) == People{"late"});
  CHECK(names(users(ledger, PeopleOrder::total_requests, 110s, Window::five_minutes)) == People{"late", "early"});
  CHECK(active(Window::minute, 110s) == 1);
  CHECK(active(Window::five_minutes, 110s) == 2);
  CHECK(active(Window::minute, 10min) == 0);
  CHECK(active(Window::hour, 10min) == 2);
  CHECK(active(Window::hour, 2h) == 0);
  CHECK(active(Window::day, 2h) == 2);
  CHECK(active(Window::day, 30h) == 0);
  CHECK(active(Window::all, 30h) == 2);
  CHECK(ledger.cumulative_view(at(30h))->active[0].back() == 2);
}

TEST_CASE("People: a reset of everything forgets them, one of a route does not") {
  Ledger ledger({}, at(0s));
  feed_visit(ledger, {.user = "ada"});
  ledger.reset({.route = RouteId(1), .method = {}}, at(2s));
  CHECK(users(ledger, PeopleOrder::total_requests, 2s).top.size() == 1);
  ledger.reset({}, at(3s));
  const PeopleView view = users(ledger, PeopleOrder::total_requests, 3s);
  CHECK(view.top.empty());
  CHECK(view.active == 0);
}

TEST_CASE("People: a flood of names costs bounded memory and never hides who matters") {
  Ledger ledger({}, at(0s));
  for (int i = 0; i < 60'000; ++i) {
    feed_visit(ledger, {.user = "nobody-" + std::to_string(i)});
    if (i % 100 == 0) feed_visit(ledger, {.user = "busy"});
    if (i % 1000 == 0) feed_visit(ledger, {.user = "refused", .status = 429});
  }
  const PeopleView busiest = users(ledger, PeopleOrder::total_requests, 1s);
  CHECK(busiest.top.front().name == "busy");
  CHECK(busiest.top.front().counts.requests + busiest.top.front().missed_requests >= 600);
  CHECK(busiest.unlisted.requests <= 60'660 / PeopleView::kFollowed);
  CHECK(busiest.followed <= 4 * PeopleView::kFollowed);
  const PeopleView refused = users(ledger, PeopleOrder::rate_limited, 1s);
  CHECK(refused.top.size() == 1);
  CHECK(refused.top[0].counts.refused == 60);
  CHECK(refused.unlisted.refused == 0);
  CHECK_FALSE(busiest.is_active_exact);
  CHECK(static_cast<double>(busiest.active) == doctest::Approx(60'002).epsilon(3 * PeopleView::kActiveError));
  MESSAGE("bytes after 60,000 names: " << ledger.bytes());
  CHECK(ledger.bytes() < 8'000'000);
}

TEST_CASE("People: whoever is followed late is said to have been missed, and by how much at most") {
  Ledger ledger({}, at(0s));
  feed_visit(ledger, {.user = "first"});
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < PeopleView::kFollowed; ++i) feed_visit(ledger, {.user = "user-" + std::to_string(i)});
  }
  for (int i = 0; i < 10; ++i) feed_visit(ledger, {.user = "late"});
  const PeopleView view = users(ledger, PeopleOrder::total_requests, 1s);
  REQUIRE(view.top.front().name == "late");
  CHECK(view.top.front().counts.requests == 10);
  CHECK(view.top.front().missed_requests >= 1);
  CHECK(view.top.front().missed_requests <= view.unlisted.requests);
}

TEST_CASE("Distinct hashes: texts of every length, and texts alike, have hashes of their own") {
  ActiveHashes lengths;
  for (std::size_t size = 0; size < 40; ++size) {
    lengths.add(distinct_hash(std::string(size, 'a')));
    lengths.add(distinct_hash(std::string(size, '\0')));
  }
  CHECK(lengths.value() == 79);
  ActiveHashes alike;
  for (int i = 0; i < 100'000; ++i) alike.add(distinct_hash("/api/v1/users/" + std::to_string(i)));
  CHECK(static_cast<double>(alike.value()) == doctest::Approx(100'000).epsilon(0.08));
}

TEST_CASE("Distinct hashes: exact up to 256, then within the stated error; merging is exact") {
  std::mt19937_64 random(5);
  ActiveHashes all;
  ActiveHashes odd;
  ActiveHashes even;
  std::uint64_t added = 0;
  double worst = 0;
  for (const std::uint64_t limit : {100U, 256U, 1000U, 10'000U, 100'000U, 1'000'000U}) {
    for (; added < limit; ++added) {
      const std::uint64_t hash = random();
      all.add(hash);
      all.add(hash);
      (added % 2 == 0 ? even : odd).add(hash);
    }
    if (limit <= 256) {
      CHECK(all.value() == limit);
    } else {
      worst = std::max(worst, std::abs(static_cast<double>(all.value()) / static_cast<double>(limit) - 1));
    }
    ActiveHashes both = odd;
    both.merge(even);
    CHECK(both.value() == all.value());
  }
  MESSAGE("worst relative error up to a million: " << worst);
  CHECK(worst < 3 * PeopleView::kActiveError);
}

TEST_CASE("People: time spent goes on beyond what 64 bits of nanoseconds hold") {
  // 10,000 requests in flight spend 10,000 seconds a second: 64 bits would last three weeks.
  Ledger ledger({}, at(0s));
  const Nanos day = 24h;
  const Nanos spent = 9000h;
  int days = 0;
  for (; days < 800; ++days) {
    const Nanos now = days * day + 1s;
    for (int i = 0; i < 27; ++i) feed_visit(ledger, {.user = "ada", .at = now, .duration = spent});
  }
  const PeopleView view = users(ledger, PeopleOrder::time_spent, days * day);
  REQUIRE(view.top.size() == 1);
  const double expected = 800.0 * 27 * 9000 * 3600;
  CHECK(static_cast<double>(view.top[0].counts.time_ns) * 1e-9 == doctest::Approx(expected));
  CHECK(view.top[0].counts.mean_seconds() == doctest::Approx(9000 * 3600));
  // The day window takes out again what it took in.
  const PeopleView last_day = users(ledger, PeopleOrder::time_spent, days * day, Window::day);
  CHECK(static_cast<double>(last_day.top[0].counts.time_ns) * 1e-9 == doctest::Approx(27.0 * 9000 * 3600));
  HeavyHitters list(1);
  for (int i = 0; i < 10; ++i) list.add(7, UINT64_MAX);
  CHECK(list.bound() == Uint128{UINT64_MAX} * 10);
}

TEST_CASE("People: names that a stall has cost are in every bound") {
  Ledger ledger({}, at(0s));
  Batch batch;
  const auto add = [&](const char* user, int times) {
    Detail detail;
    detail.user = user;
    for (int i = 0; i < times; ++i) batch.add(record_at(1s, {.duration = 1s, .status = 429}), detail);
  };
  add("heavy", static_cast<int>(Batch::kMaxRecords));
  add("other", 10);
  ledger.fold(batch, 0, at(1s));
  const PeopleView view = users(ledger, PeopleOrder::total_requests, 1s);
  REQUIRE(names(view) == People{"other"});
  CHECK(view.unlisted.requests >= Batch::kMaxRecords);
  CHECK(view.unlisted.errors >= Batch::kMaxRecords);
  CHECK(view.unlisted.refused >= Batch::kMaxRecords);
  CHECK(static_cast<double>(view.unlisted.time_ns) >= 1e9 * Batch::kMaxRecords);
  CHECK(view.top[0].missed_requests >= Batch::kMaxRecords);
  batch.clear();
  CHECK(batch.nameless() == PersonCounts{});
  ledger.reset({}, at(2s));
  CHECK(users(ledger, PeopleOrder::total_requests, 2s).unlisted == PersonCounts{});
}

TEST_CASE("People: names that a full arena has no room for are in every bound") {
  Ledger ledger({}, at(0s));
  Batch batch;
  Detail detail;
  detail.user = "seen";
  const std::string long_path(2000, 'x');  // a Detail only points at its texts
  detail.path = long_path;
  for (int i = 0; i < 300; ++i) batch.add(record_at(1s), detail);
  REQUIRE(batch.details_left_out() > 0);
  ledger.fold(batch, 0, at(1s));
  const PeopleView view = users(ledger, PeopleOrder::total_requests, 1s);
  CHECK(view.unlisted.requests == batch.details_left_out());
  CHECK(view.top[0].counts.requests + view.top[0].missed_requests == 300);
}

TEST_CASE("People: one record that comes very late wipes nobody from the newest slices") {
  Ledger ledger({}, at(0s));
  for (int i = 0; i < 100; ++i) feed_visit(ledger, {.user = "user-" + std::to_string(i), .at = 1000s});
  Detail detail;
  detail.user = "late";
  for (const Nanos age : {Nanos(305s), Nanos(61min), Nanos(10s)}) {
    feed(ledger, record_at(std::max(Nanos(0), Nanos(1000s) - age)), 1000s, detail);
  }
  CHECK(users(ledger, PeopleOrder::total_requests, 1000s, Window::minute).active == 101);
  CHECK(users(ledger, PeopleOrder::total_requests, 1000s, Window::hour).active == 101);
}

TEST_CASE("Distinct hashes: no bias and the stated error where the old estimators met, and everywhere else") {
  std::mt19937_64 random(17);
  constexpr int kTrials = 400;
  for (const int count : {300, 1000, 3000, 4600, 5200, 5800, 8000, 20'000}) {
    CAPTURE(count);
    double sum = 0;
    double squares = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      ActiveHashes hashes;
      for (int i = 0; i < count; ++i) hashes.add(random());
      const double error = static_cast<double>(hashes.value()) / count - 1;
      sum += error;
      squares += error * error;
    }
    // Four standard deviations of what 400 trials say of a bias and of an error.
    CHECK(std::abs(sum / kTrials) < 4 * PeopleView::kActiveError / std::sqrt(kTrials));
    CHECK(std::sqrt(squares / kTrials) < PeopleView::kActiveError * (1 + 4 / std::sqrt(2.0 * kTrials)));
  }
}
