#include "failure_limit.h"

#include <doctest/doctest.h>

using namespace weir;
using admin::FailureLimit;

namespace {

const TimePoint kNow{1000s};

void fail_too_often(FailureLimit& limit, std::string_view client) {
  for (int i = 0; i < FailureLimit::kBurst; ++i) limit.note(client, kNow);
}

}  // namespace

TEST_CASE("FailureLimit: a burst is free, then each second frees one") {
  FailureLimit limit;
  for (int i = 0; i < FailureLimit::kBurst; ++i) {
    CHECK(limit.wait("192.0.2.1", kNow) <= Nanos::zero());
    limit.note("192.0.2.1", kNow);
  }
  CHECK(limit.wait("192.0.2.1", kNow) == FailureLimit::kRefill);
  CHECK(limit.wait("192.0.2.1", kNow + 1s) <= Nanos::zero());
  CHECK(limit.wait("192.0.2.2", kNow) <= Nanos::zero());
}

TEST_CASE("FailureLimit: an IPv6 client cannot escape into its own network") {
  FailureLimit limit;
  fail_too_often(limit, "2001:db8:1:2::1");
  CHECK(limit.wait("2001:db8:1:2:ffff::9", kNow) > Nanos::zero());
  CHECK(limit.wait("2001:db8:1:3::1", kNow) <= Nanos::zero());
}

TEST_CASE("FailureLimit: guessing from many addresses is remembered in bounded memory") {
  FailureLimit limit;
  fail_too_often(limit, "192.0.2.1");
  for (std::size_t i = 0; i < 5 * FailureLimit::kMaxClients; ++i) limit.note("client" + std::to_string(i), kNow);
  CHECK(limit.wait("192.0.2.1", kNow) > Nanos::zero());
}
