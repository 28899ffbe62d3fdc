#include <weir/proxy/upstream_pool.h>

#include <map>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::proxy;

namespace {

/// A pool of servers, on which nobody listens, with their health in hand.
struct Lab {
  Lab(Balance balance, std::size_t servers, bool is_checked = false)
      : upstream(upstream_of(balance, servers, is_checked)) {}

  Plan::Upstream upstream_of(Balance balance, std::size_t servers, bool is_checked) const {
    Plan::Upstream made;
    made.options.name = "app";
    made.options.balance = balance;
    made.options.health_check.is_on = is_checked;
    for (std::size_t i = 0; i < servers; ++i) {
      ServerOptions server;
      server.address = {.kind = net::Endpoint::Kind::tcp, .host = "127.0.0.1", .port = 1, .path = {}};
      made.options.servers.push_back(server);
      made.servers.push_back(ServerId(static_cast<std::uint32_t>(i)));
      made.health.push_back(std::make_shared<ServerHealth>(changes));
    }
    return made;
  }

  ServerHealth& health(std::size_t server) { return *upstream.health[server]; }
  std::map<std::uint32_t, int> count(int times, ServerId avoid = kNoServer) {
    std::map<std::uint32_t, int> counts;
    for (int i = 0; i < times; ++i) {
      const UpstreamServer* server = pool.choose(static_cast<std::uint64_t>(i), avoid, now);
      ++counts[server == nullptr ? kNoServer.value : server->id.value];
    }
    return counts;
  }

  std::shared_ptr<ServerHealth::Changes> changes = std::make_shared<ServerHealth::Changes>();
  Plan::Upstream upstream;
  net::Loop loop;
  net::Deadlines deadlines{loop};
  net::Resolver resolver{loop};
  TimePoint now = Clock::now();
  UpstreamPool pool{loop, deadlines, resolver, upstream, 100};
};

constexpr Balance kAll[] = {Balance::round_robin, Balance::least_requests, Balance::random, Balance::hash};

}  // namespace

TEST_CASE("UpstreamPool: what another worker or a check finds out holds from the next choice on") {
  for (const Balance balance : kAll) {
    Lab lab(balance, 3);
    CHECK(lab.count(300).size() == 3);
    lab.health(1).note_failure(lab.now, lab.now);
    CHECK(lab.count(300).count(1) == 0);
    lab.health(2).judge(ServerState::unhealthy, lab.now);
    CHECK(lab.count(300) == std::map<std::uint32_t, int>{{0, 300}});
    // The server that rests is all that is left.
    CHECK(lab.count(300, ServerId(0)) == std::map<std::uint32_t, int>{{1, 300}});
  }
}

TEST_CASE("UpstreamPool: a server that comes back gets its share little by little") {
  for (const Balance balance : {Balance::round_robin, Balance::least_requests, Balance::random}) {
    Lab lab(balance, 2);
    lab.health(1).note_failure(lab.now, lab.now);
    lab.health(1).note_success(lab.now);
    const int at_first = lab.count(10'000)[1];
    CHECK(at_first > 0);
    CHECK(at_first < 1'500);
    lab.now += 5s;
    const int half_way = lab.count(10'000)[1];
    CHECK(half_way > at_first);
    CHECK(half_way < 4'500);
    lab.now += 5s;
    CHECK(lab.count(10'000)[1] > 4'500);
  }
}

TEST_CASE("UpstreamPool: a hash does not send a client away twice for one return") {
  Lab lab(Balance::hash, 2);
  const auto before = lab.count(1000);
  lab.health(1).note_failure(lab.now, lab.now);
  CHECK(lab.count(1000).count(1) == 0);
  lab.health(1).note_success(lab.now);
  CHECK(lab.count(1000) == before);
}

TEST_CASE("UpstreamPool: servers that only rest are tried where there is no other, those found unhealthy never") {
  for (const Balance balance : kAll) {
    Lab lab(balance, 2);
    for (std::size_t i = 0; i < 2; ++i) lab.health(i).note_failure(lab.now, lab.now);
    CHECK(lab.count(100).size() == 2);
    lab.health(0).judge(ServerState::unhealthy, lab.now);
    CHECK(lab.count(100) == std::map<std::uint32_t, int>{{1, 100}});
    lab.health(1).judge(ServerState::unhealthy, lab.now);
    CHECK(lab.count(100) == std::map<std::uint32_t, int>{{kNoServer.value, 100}});
    lab.health(1).judge(ServerState::healthy, lab.now);
    CHECK(lab.count(100) == std::map<std::uint32_t, int>{{1, 100}});
  }
}

TEST_CASE("UpstreamPool: one server alone is always tried, unless checks say that it is unhealthy") {
  Lab alone(Balance::least_requests, 1);
  alone.health(0).note_failure(alone.now, alone.now);
  CHECK(alone.count(10, ServerId(0)) == std::map<std::uint32_t, int>{{0, 10}});
  Lab checked(Balance::least_requests, 1, true);
  CHECK(checked.count(10) == std::map<std::uint32_t, int>{{0, 10}});
  checked.health(0).judge(ServerState::unhealthy, checked.now);
  CHECK(checked.count(10) == std::map<std::uint32_t, int>{{kNoServer.value, 10}});
}
