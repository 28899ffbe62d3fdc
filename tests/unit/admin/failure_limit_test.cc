#include "failure_limit.h"

#include <cstdio>
#include <doctest/doctest.h>
#include <string>

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

TEST_CASE("FailureLimit: a site of 65,536 networks cannot try without end, and its neighbours are not held back") {
  FailureLimit limit;
  int tries = 0;
  for (int network = 0; network < 65536; ++network) {
    char client[40];
    std::snprintf(client, sizeof client, "2001:db8:1:%x::1", static_cast<unsigned>(network));
    if (limit.wait(client, kNow) > Nanos::zero()) continue;
    limit.note(client, kNow);
    ++tries;
  }
  CHECK(tries <= FailureLimit::kBurst * FailureLimit::kShare);
  CHECK(limit.size() < FailureLimit::kMaxClients);
  CHECK(limit.wait("2001:db8:2::1", kNow) <= Nanos::zero());
}

TEST_CASE("FailureLimit: more addresses than there is room for flush nobody out and have one bucket between them") {
  FailureLimit limit;
  fail_too_often(limit, "192.0.2.1");
  const auto address = [](std::size_t i) { return "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250); };
  std::size_t tries = 0;
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 20 * FailureLimit::kMaxClients; ++i) {
      if (limit.wait(address(i), kNow) > Nanos::zero()) continue;
      limit.note(address(i), kNow);
      ++tries;
    }
  }
  CHECK(tries <= 2 * FailureLimit::kMaxClients + FailureLimit::kBurst * FailureLimit::kShare);
  CHECK(limit.size() == FailureLimit::kMaxClients);
  CHECK(limit.wait("192.0.2.1", kNow) > Nanos::zero());
  CHECK(limit.wait("127.0.0.1", kNow) <= Nanos::zero());
  CHECK(limit.wait("198.51.100.1", kNow + 1h) <= Nanos::zero());
}

TEST_CASE("FailureLimit: all addresses of this machine are one client") {
  FailureLimit limit;
  for (int i = 0; i < FailureLimit::kBurst; ++i) limit.note("127.0.0." + std::to_string(i + 1), kNow);
  for (const char* client : {"127.9.9.9", "::1", "unix:"}) CHECK(limit.wait(client, kNow) > Nanos::zero());
}
