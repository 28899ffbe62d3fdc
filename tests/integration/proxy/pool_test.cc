#include <array>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "lab/fake_names.h"
#include "pool_lab.h"

using namespace weir;
using namespace weir::proxy;
using namespace weir::testing;

TEST_CASE("UpstreamPool: a pool that goes while its name is looked up is not called any more") {
  lab::FakeNames names;
  names.set("app-p0", {"127.0.0.2"});
  names.hold("app-p0");
  PoolLab lab;
  lab.add("app-p0", 1);
  lab.make();
  REQUIRE(names.wait_for_lookups("app-p0", 1));
  Waiter waiter;
  REQUIRE(lab.ask(waiter));
  CHECK_FALSE(lab.pool->is_unused());
  lab.pool->withdraw(waiter, Clock::now());
  CHECK(lab.pool->is_unused());
  lab.retire();
  lab.for_turns(1);
  names.release("app-p0");
  CHECK(lab.until([&] { return names.under_way("app-p0") == 0; }));
  lab.for_turns(20);
  CHECK(waiter.calls == 0);
}

TEST_CASE("UpstreamPool: a waiter may end before its pool and after it") {
  lab::FakeNames names;
  names.hold("app-p1");
  Waiter outlives;
  PoolLab lab;
  lab.add("app-p1", 1);
  lab.make(2);
  {
    Waiter ends, queued;
    REQUIRE(lab.ask(ends));
    REQUIRE(lab.ask(outlives));
    REQUIRE(lab.ask(queued));
    CHECK(queued.place == TimePoint());
  }
  CHECK(lab.pool->connections() == 1);
  lab.retire();
  lab.for_turns(2);
  CHECK(outlives.calls == 0);
}

TEST_CASE("UpstreamPool: an idle connection that is retired takes its deadline along") {
  struct Asks final : net::Deadline {
    void on_deadline() override { then(); }
    std::function<void()> then;
  };
  Server server("127.0.0.1");
  PoolLab lab;
  lab.add("127.0.0.1", server.port());
  lab.add("127.0.0.1", server.port());
  lab.upstream.options.timeouts.idle = 1s;
  lab.upstream.options.timeouts.connect = 60s;
  lab.upstream.options.balance = Balance::round_robin;
  lab.make(1);
  Waiter first, second;
  REQUIRE(lab.connect(first));
  UpstreamServer& other = lab.server(1);
  // Both in one advance, the deadline that needs the place before the connection's own.
  Asks asks;
  const TimePoint now = Clock::now();
  lab.pool->give_back(std::move(first.connection), now);
  lab.deadlines.arm(asks, now, 900ms);
  asks.then = [&] { CHECK(lab.pool->ask(second, other, now)); };
  lab.deadlines.advance(now + 2s);
  CHECK(lab.pool->connections() == 1);
  CHECK(lab.until([&] { return second.calls == 1; }));
}

TEST_CASE("UpstreamPool: the wait for a place has its own time, and no server is blamed for it") {
  Server server("127.0.0.1");
  PoolLab lab;
  lab.add("127.0.0.1", server.port());
  lab.upstream.options.timeouts.connect = 200ms;
  lab.make(1);
  Waiter first, second;
  REQUIRE(lab.connect(first));
  const TimePoint asked = Clock::now();
  REQUIRE(lab.ask(second));
  CHECK(lab.until([&] { return second.calls == 1; }));
  CHECK(second.fault == Fault::overloaded);
  CHECK(second.server == kNoServer);
  CHECK(second.said.find("none came free in time") != std::string::npos);
  CHECK(second.at - asked >= 200ms);
  CHECK(second.place == TimePoint());
  CHECK_FALSE(lab.server().health->is_failing());
  CHECK(lab.pool->connections() == 1);
}

TEST_CASE("UpstreamPool: with its place an attempt has all of the connect time, and only that is the server's fault") {
  Server server("127.0.0.1");
  Server silent("127.0.0.1", 0, 0);
  silent.drop_syns();
  PoolLab lab;
  lab.add("127.0.0.1", server.port());
  lab.add("127.0.0.1", silent.port());
  lab.upstream.options.timeouts.connect = 400ms;
  lab.upstream.options.balance = Balance::round_robin;
  lab.make(1);
  Waiter first, second;
  REQUIRE(lab.connect(first, 0));
  UpstreamServer& slow = lab.server(1);
  REQUIRE(lab.pool->ask(second, slow, Clock::now()));
  const TimePoint asked = Clock::now();
  lab.until([&] { return Clock::now() - asked > 300ms; });
  REQUIRE(second.calls == 0);
  lab.pool->drop(std::move(first.connection));
  REQUIRE(second.place != TimePoint());
  CHECK(lab.until([&] { return second.calls == 1; }));
  CHECK(second.fault == Fault::connect_timeout);
  CHECK(second.server == ServerId(1));
  CHECK(second.said == "the app did not take the connection within timeouts.connect");
  CHECK(second.at - second.place >= 400ms);
  CHECK(slow.health->is_failing());
  CHECK(lab.pool->is_unused());
}

TEST_CASE("UpstreamPool: a connection that a slow lookup left too little time for is not held against the server") {
  lab::FakeNames names;
  names.hold("app-p5");
  Server silent("127.0.0.1", 0, 0);
  silent.drop_syns();
  PoolLab lab;
  lab.add("app-p5", silent.port());
  lab.upstream.options.timeouts.connect = 400ms;
  lab.make();
  Waiter waiter;
  REQUIRE(lab.ask(waiter));
  lab.until([&] { return Clock::now() - waiter.place > 150ms; });
  names.set("app-p5", {"127.0.0.1"});
  names.release("app-p5");
  CHECK(lab.until([&] { return waiter.calls == 1; }));
  CHECK(waiter.fault == Fault::connect_timeout);
  CHECK_FALSE(lab.server().health->is_failing());

  // The next one has all of the time.
  Waiter next;
  REQUIRE(lab.ask(next));
  CHECK(lab.until([&] { return next.calls == 1; }));
  CHECK(lab.server().health->is_failing());
}

TEST_CASE("UpstreamPool: a name that nobody answers ends the attempt in time, and that is the server's fault") {
  lab::FakeNames names;
  names.hold("app-p6");
  PoolLab lab;
  lab.add("app-p6", 1);
  lab.upstream.options.timeouts.connect = 200ms;
  lab.make();
  Waiter waiter;
  REQUIRE(lab.ask(waiter));
  CHECK(lab.until([&] { return waiter.calls == 1; }));
  CHECK(waiter.fault == Fault::connect_timeout);
  CHECK(waiter.at - waiter.place >= 200ms);
  CHECK(waiter.said == "the name of the app's server was not resolved within timeouts.connect");
  CHECK(lab.server().health->is_failing());
  CHECK(lab.pool->is_unused());
}

TEST_CASE("UpstreamPool: an address that drops SYNs costs a delay once, no failure, and no place") {
  lab::FakeNames names;
  Server server("127.0.0.3");
  Server silent("127.0.0.2", server.port(), 0);
  silent.drop_syns();
  names.set("app-p7", {"127.0.0.2", "127.0.0.3"});
  PoolLab lab;
  lab.add("app-p7", server.port());
  lab.make(30);
  std::array<Waiter, 30> waiters;
  for (Waiter& waiter : waiters) REQUIRE(lab.ask(waiter));
  CHECK(lab.pool->connections() == 30);
  const auto all = [&] {
    for (const Waiter& waiter : waiters) {
      if (waiter.calls == 0) return false;
    }
    return true;
  };
  CHECK(lab.until(all));
  for (Waiter& waiter : waiters) CHECK(waiter.connection != nullptr);
  CHECK(lab.pool->connections() == 30);
  CHECK(lab.server().active == 30);
  CHECK_FALSE(lab.server().health->is_failing());

  // From now on the address that worked is the first.
  lab.pool->drop(std::move(waiters[0].connection));
  Waiter next;
  const TimePoint asked = Clock::now();
  REQUIRE(lab.connect(next));
  CHECK(Clock::now() - asked < 200ms);
  for (Waiter& waiter : waiters) {
    if (waiter.connection != nullptr) lab.pool->drop(std::move(waiter.connection));
  }
  lab.pool->drop(std::move(next.connection));
  CHECK(lab.pool->is_unused());
}

TEST_CASE("UpstreamPool: an address that refuses moves on to the next at once; where all refuse it is one failure") {
  lab::FakeNames names;
  auto server = std::make_unique<Server>("127.0.0.4");
  names.set("app-p8", {"127.0.0.2", "127.0.0.3", "127.0.0.4"});
  PoolLab lab;
  lab.add("app-p8", server->port());
  lab.upstream.options.timeouts.connect = 60s;
  lab.make();
  Waiter waiter, refused;
  const TimePoint asked = Clock::now();
  REQUIRE(lab.connect(waiter));
  CHECK(Clock::now() - asked < 200ms);
  lab.pool->drop(std::move(waiter.connection));
  server.reset();
  REQUIRE(lab.ask(refused));
  CHECK(lab.until([&] { return refused.calls == 1; }));
  CHECK(refused.fault == Fault::connect_failed);
  CHECK(refused.said == "connection refused");
  CHECK(lab.server().health->is_failing());
  CHECK(lab.pool->is_unused());
}

TEST_CASE("UpstreamPool: bytes that came while a connection changes hands within a turn are nobody's response") {
  Server server("127.0.0.1");
  PoolLab lab;
  lab.add("127.0.0.1", server.port());
  lab.make(1);
  Waiter first, second;
  REQUIRE(lab.connect(first));
  const int app = server.accept();
  REQUIRE(lab.ask(second));
  first.connection->stream().stop_reading();
  REQUIRE(::send(app, "stray", 5, 0) == 5);
  UpstreamConnection* const dirty = first.connection.get();
  lab.pool->give_back(std::move(first.connection), Clock::now());
  CHECK(second.calls == 0);
  REQUIRE(lab.until([&] { return second.calls == 1; }));
  CHECK(second.connection.get() != dirty);
  CHECK_FALSE(second.connection->is_reused());
  // A clean one goes straight on.
  Waiter third;
  REQUIRE(lab.ask(third));
  UpstreamConnection* const clean = second.connection.get();
  lab.pool->give_back(std::move(second.connection), Clock::now());
  CHECK(third.connection.get() == clean);
  // Given back and taken in one turn: the same look. The end of the connection counts as well.
  lab.pool->give_back(std::move(third.connection), Clock::now());
  third.connection = lab.pool->take_idle(lab.server());
  CHECK(third.connection.get() == clean);
  third.connection->stream().stop_reading();
  ::shutdown(server.accept(), SHUT_WR);
  lab.pool->give_back(std::move(third.connection), Clock::now());
  CHECK(lab.pool->take_idle(lab.server()) == nullptr);
  CHECK(lab.pool->is_unused());
  CHECK(lab.server().active == 0);
}

TEST_CASE("UpstreamPool: a retired pool stays while a connection of it is lent") {
  Server server("127.0.0.1");
  PoolLab lab;
  lab.add("127.0.0.1", server.port());
  lab.make();
  Waiter idle, lent;
  REQUIRE(lab.connect(idle));
  REQUIRE(lab.connect(lent));
  lab.pool->give_back(std::move(idle.connection), Clock::now());
  lab.pool->close_idle();
  CHECK_FALSE(lab.pool->is_unused());
  lab.pool->give_back(std::move(lent.connection), Clock::now());
  CHECK(lab.pool->is_unused());
}
