#include <weir/proxy/server_health.h>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::proxy;

namespace {

struct Server {
  std::shared_ptr<ServerHealth::Changes> changes = std::make_shared<ServerHealth::Changes>();
  ServerHealth health{changes};
  TimePoint start = TimePoint(1h);
  TimePoint next = TimePoint::max();

  std::uint32_t share(Nanos after) { return health.share(start + after, next); }
};

constexpr std::uint32_t kFull = ServerHealth::kFullShare;

}  // namespace

TEST_CASE("ServerHealth: a server of which nothing is known gets its whole share") {
  Server server;
  CHECK(server.share(0s) == kFull);
  CHECK(server.health.state() == ServerState::unknown);
  CHECK(server.next == TimePoint::max());
  CHECK_FALSE(server.health.note_success(server.start));
  CHECK(server.health.state() == ServerState::healthy);
  CHECK(server.share(0s) == kFull);
}

TEST_CASE("ServerHealth: a failed connection has the server rest, longer each time, 16 s at most") {
  Server server;
  TimePoint now = server.start;
  for (const auto rest : {1s, 2s, 4s, 8s, 16s, 16s}) {
    const bool is_first = rest == 1s;
    CHECK(server.health.note_failure(now, now) == is_first);
    TimePoint next = TimePoint::max();
    CHECK(server.health.share(now + rest - 1ns, next) == 0);
    CHECK(next == now + rest);
    CHECK(server.health.share(now + rest, next) == kFull / 16);
    now += rest + 1ms;
  }
  CHECK(server.health.state() == ServerState::unhealthy);
}

TEST_CASE("ServerHealth: attempts that were under way when the rest began do not lengthen it") {
  Server server;
  for (int i = 0; i < 50; ++i) server.health.note_failure(server.start - 1ms, server.start);
  CHECK(server.share(1s) == kFull / 16);
  CHECK(server.share(999ms) == 0);
}

TEST_CASE("ServerHealth: a server that comes back gets more and more, and all of it after ten seconds") {
  Server server;
  server.health.note_failure(server.start, server.start);
  CHECK(server.health.note_success(server.start + 2s));
  CHECK_FALSE(server.health.note_success(server.start + 2s));
  CHECK(server.health.state() == ServerState::healthy);
  CHECK(server.share(2s) == kFull / 16);
  CHECK(server.next < server.start + 3s);
  CHECK(server.share(7s) == kFull / 2);
  CHECK(server.share(11s) < kFull);
  server.next = TimePoint::max();
  CHECK(server.share(12s) == kFull);
  CHECK(server.next == TimePoint::max());
}

TEST_CASE("ServerHealth: what active checks have found unhealthy gets nothing, whatever the clock says") {
  Server server;
  CHECK(server.health.judge(ServerState::healthy, server.start));
  CHECK(server.share(0s) == kFull);
  CHECK(server.health.judge(ServerState::unhealthy, server.start));
  CHECK_FALSE(server.health.judge(ServerState::unhealthy, server.start));
  CHECK(server.health.is_down());
  CHECK(server.share(1h) == 0);
  server.health.note_success(server.start);
  CHECK(server.health.state() == ServerState::unhealthy);
  CHECK(server.health.judge(ServerState::healthy, server.start + 1h));
  CHECK(server.share(1h) == kFull / 16);
  server.health.judge(ServerState::unhealthy, server.start);
  server.health.forget_verdict(server.start);
  CHECK_FALSE(server.health.is_down());
}

TEST_CASE("ServerHealth: each change is announced, and nothing else is") {
  Server server;
  const auto count = [&] { return server.changes->load(); };
  server.health.note_success(server.start);
  CHECK(count() == 0);
  server.health.note_failure(server.start, server.start);
  CHECK(count() == 1);
  server.health.note_failure(server.start, server.start);
  CHECK(count() == 1);
  server.health.note_success(server.start);
  CHECK(count() == 2);
  server.health.judge(ServerState::healthy, server.start);
  CHECK(count() == 3);
  server.health.judge(ServerState::healthy, server.start);
  CHECK(count() == 3);
}
