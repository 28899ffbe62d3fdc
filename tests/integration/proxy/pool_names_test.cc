#include <memory>

#include <doctest/doctest.h>

#include "lab/fake_names.h"
#include "pool_lab.h"

using namespace weir;
using namespace weir::proxy;
using namespace weir::testing;

TEST_CASE("UpstreamPool: a name is looked up again after 30 s without any request, and what leads elsewhere is closed") {
  lab::FakeNames names;
  Server server("127.0.0.2");
  names.set("app-n0", {"127.0.0.2"});
  PoolLab lab;
  lab.add("app-n0", server.port());
  lab.make();
  Waiter idle, lent;
  REQUIRE(lab.connect(idle));
  REQUIRE(lab.connect(lent));
  lab.pool->give_back(std::move(idle.connection), Clock::now());
  const TimePoint looked_up = Clock::now();
  lab.pool->tick(looked_up + 29s);
  lab.for_turns(20);
  CHECK(names.lookups("app-n0") == 1);

  // The same address: everything stays.
  lab.pool->tick(looked_up + 31s);
  CHECK(names.wait_for_lookups("app-n0", 2));
  lab.for_turns(50);
  CHECK(lab.pool->connections() == 2);

  // A lookup that fails changes nothing.
  names.set("app-n0", {});
  lab.pool->tick(Clock::now() + 31s);
  CHECK(names.wait_for_lookups("app-n0", 3));
  lab.for_turns(50);
  CHECK(lab.pool->connections() == 2);
  CHECK_FALSE(lab.server().health->is_failing());

  names.set("app-n0", {"127.0.0.3"});
  lab.pool->tick(Clock::now() + 31s);
  CHECK(lab.until([&] { return lab.pool->connections() == 1; }));
  lab.pool->give_back(std::move(lent.connection), Clock::now());
  CHECK(lab.pool->is_unused());
}

TEST_CASE("UpstreamPool: the attempt after a failed connection waits for the lookup that the failure has caused") {
  lab::FakeNames names;
  Server server("127.0.0.3");
  names.set("app-n1", {"127.0.0.2"});  // refuses
  PoolLab lab;
  lab.add("app-n1", server.port());
  lab.make();
  REQUIRE(names.wait_for_lookups("app-n1", 1));
  Waiter first, retry;
  bool is_accepted = false;
  first.then = [&] {
    // As an exchange does, from within the call.
    is_accepted = lab.ask(retry);
  };
  REQUIRE(lab.ask(first));
  CHECK(lab.until([&] {
    if (first.calls == 0) names.set("app-n1", {"127.0.0.2"});
    return first.calls == 1;
  }));
  CHECK(first.fault == Fault::connect_failed);
  REQUIRE(is_accepted);
  names.set("app-n1", {"127.0.0.3"});
  CHECK(lab.until([&] { return retry.calls == 1; }));
  CHECK(retry.connection != nullptr);
}

TEST_CASE("UpstreamPool: where that lookup does not come back what is known is tried, and nobody else waits for it") {
  lab::FakeNames names;
  auto server = std::make_unique<Server>("127.0.0.2");
  const std::uint16_t port = server->port();
  names.set("app-n2", {"127.0.0.2"});
  PoolLab lab;
  lab.add("app-n2", port);
  lab.upstream.options.timeouts.connect = 1s;
  lab.make();
  Waiter first, refused, second, third;
  REQUIRE(lab.connect(first));
  lab.pool->drop(std::move(first.connection));
  server.reset();
  names.hold("app-n2");
  REQUIRE(lab.ask(refused));
  CHECK(lab.until([&] { return refused.calls == 1; }));
  CHECK(refused.fault == Fault::connect_failed);
  REQUIRE(names.wait_for_lookups("app-n2", 1));
  server = std::make_unique<Server>("127.0.0.2", port);
  REQUIRE(lab.connect(second));
  CHECK(Clock::now() - second.place >= 500ms);
  const TimePoint asked = Clock::now();
  REQUIRE(lab.connect(third));
  CHECK(Clock::now() - asked < 400ms);
}

TEST_CASE("UpstreamPool: a kept connection that the server ends has the name looked up") {
  lab::FakeNames names;
  Server server("127.0.0.2");
  names.set("app-n3", {"127.0.0.2"});
  PoolLab lab;
  lab.add("app-n3", server.port());
  lab.make();
  Waiter idle, lent;
  REQUIRE(lab.connect(idle));
  const int first = server.accept();
  REQUIRE(lab.connect(lent));
  const int second = server.accept();
  lab.pool->give_back(std::move(idle.connection), Clock::now());
  ::shutdown(first, SHUT_WR);
  CHECK(lab.until([&] { return lab.pool->connections() == 1; }));
  CHECK(lab.until([&] { return names.lookups("app-n3") >= 2; }));
  CHECK(names.lookups("app-n3") == 2);
  // A failure while a lookup is under way asks for no other one.
  CHECK(lab.until([&] { return !lab.server().addresses->is_in_doubt(); }));

  // Lent once more, as a kept one, and found ended by who has it.
  lab.pool->give_back(std::move(lent.connection), Clock::now());
  lent.connection = lab.pool->take_idle(lab.server());
  REQUIRE(lent.connection != nullptr);
  lent.connection->stream().stop_reading();
  ::shutdown(second, SHUT_WR);
  lab.pool->drop(std::move(lent.connection));
  CHECK(lab.until([&] { return names.lookups("app-n3") == 3; }));
}

TEST_CASE("UpstreamPool: a name that is not known is asked for again by the next attempt") {
  lab::FakeNames names;
  Server server("127.0.0.2");
  names.set("app-n4", {});
  PoolLab lab;
  lab.add("app-n4", server.port());
  lab.make();
  Waiter first, both, later;
  REQUIRE(lab.ask(first));
  REQUIRE(lab.ask(both));
  CHECK(lab.until([&] { return first.calls == 1 && both.calls == 1; }));
  CHECK(first.fault == Fault::connect_failed);
  CHECK(first.said.starts_with("cannot resolve app-n4: "));
  CHECK(both.fault == Fault::connect_failed);
  CHECK(lab.server().health->is_failing());
  names.set("app-n4", {"127.0.0.2"});
  CHECK(lab.connect(later));
  CHECK_FALSE(lab.server().health->is_failing());
}
