#include "logins.h"

#include <vector>

#include <doctest/doctest.h>

using namespace weir;
using admin::Caller;
using admin::Grant;
using admin::Logins;

namespace {

const WallTime kNow{1'800'000'000s};

Caller caller_until(WallTime end, std::string name = "ops") {
  return {
      .by = Caller::By::credential, .grant = Grant::admin, .name = std::move(name), .proof = "proof", .expires = end};
}

}  // namespace

TEST_CASE("Logins: only the secret finds its log-in, and only until it ends") {
  Logins logins;
  const std::string secret = logins.add(caller_until(kNow + 1h), kNow);
  CHECK(secret.size() == 64);
  CHECK(secret != logins.add(caller_until(kNow + 1h), kNow));
  const auto found = logins.find(secret, kNow);
  REQUIRE(found);
  CHECK(found->name == "ops");
  CHECK(found->by == Caller::By::login);
  CHECK_FALSE(logins.find(secret.substr(1), kNow));
  CHECK_FALSE(logins.find("", kNow));
  CHECK_FALSE(logins.find(secret, kNow + 1h));
}

TEST_CASE("Logins: a log-out ends one, a check of all ends those that it says") {
  Logins logins;
  const std::string ops = logins.add(caller_until(kNow + 1h), kNow);
  const std::string dev = logins.add(caller_until(kNow + 1h, "dev"), kNow);
  logins.remove(ops);
  CHECK_FALSE(logins.find(ops, kNow));
  CHECK(logins.find(dev, kNow));
  logins.keep([](const Caller& caller) { return caller.name != "dev"; });
  CHECK(logins.size() == 0);
}

TEST_CASE("Logins: memory is bounded, and what ends first makes room") {
  Logins logins;
  const std::string first = logins.add(caller_until(kNow + 1min), kNow);
  const std::string last = logins.add(caller_until(kNow + 24h), kNow);
  for (std::size_t i = 0; i < Logins::kMost; ++i) logins.add(caller_until(kNow + 1h), kNow);
  CHECK(logins.size() == Logins::kMost);
  CHECK_FALSE(logins.find(first, kNow));
  CHECK(logins.find(last, kNow));
}
