#include "logins.h"

#include <vector>

#include <doctest/doctest.h>

using namespace weir;
using admin::Caller;
using admin::Grant;
using admin::Logins;

namespace {

const stats::Moment kNow{TimePoint(1000s), WallTime(1'800'000'000s)};

stats::Moment later(Nanos by, Nanos wall_step = Nanos(0)) {
  return {kNow.clock + by, kNow.wall + std::chrono::duration_cast<WallTime::duration>(by + wall_step)};
}

Caller caller_for(Nanos time, std::string name = "ops") {
  return {.by = Caller::By::credential,
          .grant = Grant::admin,
          .name = std::move(name),
          .proof = "proof",
          .expires = {},
          .ends = kNow.clock + time};
}

}  // namespace

TEST_CASE("Logins: only the secret finds its log-in, and only until it ends") {
  Logins logins;
  const std::string secret = logins.add(caller_for(1h), kNow);
  CHECK(secret.size() == 64);
  CHECK(secret != logins.add(caller_for(1h), kNow));
  const auto found = logins.find(secret, kNow);
  REQUIRE(found);
  CHECK(found->name == "ops");
  CHECK(found->by == Caller::By::login);
  CHECK_FALSE(logins.find(secret.substr(1), kNow));
  CHECK_FALSE(logins.find("", kNow));
  CHECK_FALSE(logins.find(secret, later(1h)));
}

TEST_CASE("Logins: a log-out ends one, a check of all ends those that it says") {
  Logins logins;
  const std::string ops = logins.add(caller_for(1h), kNow);
  const std::string dev = logins.add(caller_for(1h, "dev"), kNow);
  logins.remove(ops);
  CHECK_FALSE(logins.find(ops, kNow));
  CHECK(logins.find(dev, kNow));
  logins.keep([](const Caller& caller) { return caller.name != "dev"; });
  CHECK(logins.size() == 0);
}

TEST_CASE("Logins: memory is bounded, and what ends first makes room") {
  Logins logins;
  const std::string first = logins.add(caller_for(1min), kNow);
  const std::string last = logins.add(caller_for(24h), kNow);
  for (std::size_t i = 0; i < Logins::kMost; ++i) logins.add(caller_for(1h), kNow);
  CHECK(logins.size() == Logins::kMost);
  CHECK_FALSE(logins.find(first, kNow));
  CHECK(logins.find(last, kNow));
}

TEST_CASE("Logins: a wall clock that is set ends none early and gives none more time") {
  Logins logins;
  const std::string secret = logins.add(caller_for(1h), kNow);
  for (const Nanos step : {Nanos(-1h), Nanos(24h), Nanos(-24h), Nanos(400 * 24h)}) {
    CHECK(logins.find(secret, later(59min, step)));
    CHECK_FALSE(logins.find(secret, later(1h, step)));
  }
}

TEST_CASE("Logins: one by a signed token ends with its exp as well, by the wall clock") {
  Logins logins;
  Caller caller = caller_for(1h);
  caller.expires = kNow.wall + 10min;
  const std::string secret = logins.add(caller, kNow);
  CHECK(logins.find(secret, later(9min)));
  CHECK_FALSE(logins.find(secret, later(10min)));
  CHECK_FALSE(logins.find(secret, later(1min, 1h)));
  CHECK_FALSE(logins.find(secret, later(1h, -24h)));
}
