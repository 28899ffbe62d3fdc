#include <weir/proxy/upstream_pool.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lab/no_descriptors.h"

using namespace weir;
using namespace weir::proxy;

namespace {

/// Its servers have the ids 10, 11, 12, and so on.
Plan::Upstream upstream_of(Balance balance, std::vector<std::uint32_t> weights) {
  Plan::Upstream upstream;
  upstream.options.name = "app";
  upstream.options.balance = balance;
  for (const std::uint32_t weight : weights) {
    ServerOptions server;
    server.address = {.kind = net::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = 1, .path = {}};
    server.weight = weight;
    upstream.servers.push_back(ServerId(10 + static_cast<std::uint32_t>(upstream.servers.size())));
    upstream.options.servers.push_back(server);
  }
  return upstream;
}

/// A pool that chooses and never connects.
struct Chooser {
  explicit Chooser(const Plan::Upstream& upstream) : pool(loop, deadlines, resolver, upstream, 100) {}

  UpstreamServer& choose(std::uint64_t key = 0, ServerId avoid = kNoServer) { return *pool.choose(key, avoid, now); }
  std::map<std::uint32_t, int> count(int times) {
    std::map<std::uint32_t, int> counts;
    for (int i = 0; i < times; ++i) ++counts[choose(static_cast<std::uint64_t>(i)).id.value];
    return counts;
  }

  net::Loop loop;
  net::Deadlines deadlines{loop};
  net::Resolver resolver{loop};
  TimePoint now = Clock::now();
  UpstreamPool pool;
};

struct Waiter : ConnectionWaiter {
  void on_connection(std::unique_ptr<UpstreamConnection>) override {}
  void on_no_connection(Fault fault, ServerId, std::string_view reason) override {
    why = fault;
    said = reason;
  }

  Fault why = Fault::none;
  std::string said;
};

}  // namespace

TEST_CASE("UpstreamPool: where descriptors have run out it is no fault of the server") {
  const net::Endpoint nowhere{.kind = net::Endpoint::Kind::unix_socket, .host = {}, .port = 0, .path = "/nowhere"};
  for (const bool is_unix : {false, true}) {
    // With descriptors first: the sanitizer's look at types, once for each, needs some itself.
    for (const bool has_descriptors : {true, false}) {
      Plan::Upstream upstream = upstream_of(Balance::random, {1});
      if (is_unix) upstream.options.servers[0].address = nowhere;
      Chooser chooser(upstream);
      UpstreamServer& server = chooser.choose();
      Waiter waiter;
      const net::OwnerToken token;
      chooser.loop.reaper().later(token, [] {});
      chooser.loop.reaper().reap();
      {
        std::optional<lab::NoDescriptors> none;
        if (!has_descriptors) none.emplace();
        REQUIRE(chooser.pool.ask(waiter, server, chooser.now));
        while (waiter.why == Fault::none) {
          chooser.loop.turn(false);
          chooser.loop.reaper().reap();  // a loop with nothing to wait for does not come round to it
        }
      }
      CHECK(waiter.why == (has_descriptors ? Fault::connect_failed : Fault::overloaded));
      if (!has_descriptors)
        CHECK(waiter.said == "weir has nothing left to make a connection to the app with: too many open files");
      CHECK(server.health->is_failing() == has_descriptors);
      CHECK(chooser.pool.is_unused());
    }
  }
}

TEST_CASE("UpstreamPool: round robin goes round by weight, and smoothly") {
  Chooser chooser(upstream_of(Balance::round_robin, {5, 1, 1}));
  std::vector<std::uint32_t> order;
  for (int i = 0; i < 7; ++i) order.push_back(chooser.choose().id.value);
  CHECK(order == std::vector<std::uint32_t>{10, 10, 11, 10, 12, 10, 10});
  CHECK(chooser.count(700) == std::map<std::uint32_t, int>{{10, 500}, {11, 100}, {12, 100}});
}

TEST_CASE("UpstreamPool: random takes each by its weight") {
  Chooser chooser(upstream_of(Balance::random, {3, 1}));
  const auto counts = chooser.count(40'000);
  CHECK(counts.at(10) > 29'000);
  CHECK(counts.at(10) < 31'000);
}

TEST_CASE("UpstreamPool: least requests prefers the less busy, measured by weight") {
  Chooser chooser(upstream_of(Balance::least_requests, {1, 1}));
  UpstreamServer* first = &chooser.choose();
  first->active = 100;
  int busy = 0;
  for (int i = 0; i < 10'000; ++i) busy += chooser.choose().id == first->id;
  // It is taken only where chance names it twice.
  CHECK(busy > 2'000);
  CHECK(busy < 3'000);
  first->active = 0;

  Chooser even(upstream_of(Balance::least_requests, {1, 1, 1, 1}));
  for (int i = 0; i < 4'000; ++i) ++even.choose().active;
  for (int i = 0; i < 4; ++i) {
    const ServerId id(10 + static_cast<std::uint32_t>(i));
    UpstreamServer* server = &even.choose();
    while (server->id != id) server = &even.choose();
    CHECK(server->active > 980);
    CHECK(server->active < 1020);
  }
}

TEST_CASE("UpstreamPool: hash gives a key the same server, keys by weight, and moves few when one is added") {
  Chooser chooser(upstream_of(Balance::hash, {1, 1, 2}));
  for (std::uint64_t key = 0; key < 100; ++key) CHECK(chooser.choose(key).id == chooser.choose(key).id);
  const auto counts = chooser.count(40'000);
  CHECK(counts.at(10) > 9'000);
  CHECK(counts.at(10) < 11'000);
  CHECK(counts.at(12) > 19'000);
  CHECK(counts.at(12) < 21'000);

  Chooser more(upstream_of(Balance::hash, {1, 1, 2, 1}));
  int moved = 0;
  for (std::uint64_t key = 0; key < 10'000; ++key) {
    const ServerId before = chooser.choose(key).id;
    const ServerId after = more.choose(key).id;
    if (before == after) continue;
    ++moved;
    REQUIRE(after == ServerId(13));
  }
  CHECK(moved > 1'700);
  CHECK(moved < 2'300);
}

TEST_CASE("UpstreamPool: a server that has just failed is avoided, and passed over while it rests") {
  for (const Balance balance : {Balance::round_robin, Balance::least_requests, Balance::random, Balance::hash}) {
    Chooser chooser(upstream_of(balance, {1, 1, 1}));
    for (std::uint64_t key = 0; key < 50; ++key) CHECK(chooser.choose(key, ServerId(11)).id != ServerId(11));
    UpstreamServer* resting = &chooser.choose();
    resting->health->note_failure(chooser.now, chooser.now);
    for (std::uint64_t key = 0; key < 50; ++key) CHECK(chooser.choose(key).id != resting->id);
    chooser.now += 1s;
    bool is_back = false;
    for (std::uint64_t key = 0; key < 2000; ++key) is_back = is_back || chooser.choose(key).id == resting->id;
    CHECK(is_back);
  }
}

TEST_CASE("UpstreamPool: where all rest one is tried all the same, but not the one that has just failed") {
  Chooser chooser(upstream_of(Balance::round_robin, {1, 1}));
  for (int i = 0; i < 2; ++i) chooser.choose().health->note_failure(chooser.now, chooser.now);
  for (int i = 0; i < 10; ++i) CHECK(chooser.choose(0, ServerId(10)).id == ServerId(11));
  Chooser alone(upstream_of(Balance::random, {1}));
  CHECK(alone.choose(0, ServerId(10)).id == ServerId(10));
}
