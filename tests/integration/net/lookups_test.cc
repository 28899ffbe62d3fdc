#include "lab/fake_names.h"

#include <ctime>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <vector>

#include <weir/net/resolver.h>
#include <weir/net/timer.h>

using namespace weir;
using namespace weir::net;

namespace {

Endpoint at(const std::string& host, std::uint16_t port = 81) {
  return {.kind = Endpoint::Kind::tcp, .host = host, .port = port, .path = {}};
}

/// What came of one lookup.
struct Outcome {
  std::vector<std::string> addresses;
  std::string error;
  int calls = 0;

  Resolver::OnResolved keep() {
    return [this](const Result<std::vector<SocketAddress>>& found) {
      ++calls;
      if (!found) {
        error = found.error().message;
        return;
      }
      for (const SocketAddress& address : found.value()) addresses.push_back(address.to_string());
    };
  }
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

TEST_CASE("Resolver: a literal and a Unix socket are answered later, without a lookup") {
  lab::FakeNames names;
  names.set("", {});
  Loop loop;
  Resolver resolver(loop);
  Outcome literal, socket, too_long;
  const Lookup a = resolver.resolve(at("::1"), literal.keep());
  const Lookup b =
      resolver.resolve({.kind = Endpoint::Kind::unix_socket, .host = {}, .port = 0, .path = "/run/a"}, socket.keep());
  const Lookup c = resolver.resolve(
      {.kind = Endpoint::Kind::unix_socket, .host = {}, .port = 0, .path = std::string(200, 'x')}, too_long.keep());
  CHECK(literal.calls + socket.calls + too_long.calls == 0);
  CHECK(a.is_pending());
  loop.run();
  CHECK_FALSE(a.is_pending());
  CHECK(literal.addresses == std::vector<std::string>{"[::1]:81"});
  CHECK(socket.addresses == std::vector<std::string>{"unix:/run/a"});
  CHECK(too_long.calls == 1);
  CHECK(too_long.error.find("longer than the 107 bytes") != std::string::npos);
  CHECK(names.lookups("") == 0);
}

TEST_CASE("Resolver: six names that nobody answers do not delay another") {
  lab::FakeNames names;
  Loop loop;
  Resolver resolver(loop);
  std::vector<Lookup> silent;
  Outcome never;
  for (int i = 0; i < 6; ++i) {
    const std::string name = fmt::format("silent-l1-{}", i);
    names.hold(name);
    silent.push_back(resolver.resolve(at(name), never.keep()));
    REQUIRE(names.wait_for_lookups(name, 1));
  }
  names.set("app-l1", {"127.0.0.3", "::1", "127.0.0.3"});
  Outcome app;
  const Lookup lookup = resolver.resolve(at("app-l1"), app.keep());
  while (app.calls == 0) loop.turn(true);
  CHECK(app.addresses == std::vector<std::string>{"127.0.0.3:81", "[::1]:81"});
  CHECK(never.calls == 0);
}

TEST_CASE("Resolver: who asks for a name while it is looked up gets the same outcome, with the own port") {
  lab::FakeNames names;
  names.set("app-l2", {"127.0.0.2"});
  names.hold("app-l2");
  Loop loop, other_loop;
  Resolver resolver(loop), other(other_loop);
  Outcome first, second, third, cancelled;
  const Lookup a = resolver.resolve(at("app-l2", 1), first.keep());
  const Lookup b = resolver.resolve(at("app-l2", 2), second.keep());
  const Lookup c = other.resolve(at("app-l2", 3), third.keep());
  std::optional<Lookup> d(other.resolve(at("app-l2", 4), cancelled.keep()));
  d.reset();
  REQUIRE(names.wait_for_lookups("app-l2", 1));
  names.release("app-l2");
  loop.run();
  other_loop.run();
  CHECK(first.addresses == std::vector<std::string>{"127.0.0.2:1"});
  CHECK(second.addresses == std::vector<std::string>{"127.0.0.2:2"});
  CHECK(third.addresses == std::vector<std::string>{"127.0.0.2:3"});
  CHECK(cancelled.calls == 0);
  CHECK(names.lookups("app-l2") == 1);

  // The next question is another lookup.
  Outcome later;
  const Lookup e = resolver.resolve(at("app-l2", 1), later.keep());
  loop.run();
  CHECK(later.calls == 1);
  CHECK(names.lookups("app-l2") == 2);
}

TEST_CASE("Resolver: more names than threads are all looked up in the end, those that nobody waits for are not") {
  lab::FakeNames names;
  Loop loop;
  Resolver resolver(loop);
  std::vector<Lookup> silent;
  Outcome never, app, dropped;
  for (int i = 0; i < 32; ++i) {
    const std::string name = fmt::format("silent-l3-{}", i);
    names.hold(name);
    silent.push_back(resolver.resolve(at(name), never.keep()));
    REQUIRE(names.wait_for_lookups(name, 1));
  }
  names.set("app-l3", {"127.0.0.2"});
  names.set("dropped-l3", {"127.0.0.2"});
  { const Lookup cancelled = resolver.resolve(at("dropped-l3"), dropped.keep()); }
  const Lookup lookup = resolver.resolve(at("app-l3"), app.keep());
  loop.turn(false);
  CHECK(names.lookups("app-l3") == 0);
  names.release("silent-l3-7");
  while (app.calls == 0) loop.turn(true);
  CHECK(app.addresses.size() == 1);
  CHECK(names.lookups("dropped-l3") == 0);
}

TEST_CASE("Resolver: the end of a lookup, or of the resolver, means no callback; a callback may end its own lookup") {
  lab::FakeNames names;
  names.set("app-l4", {"127.0.0.2"});
  Loop loop;
  Outcome outcome;
  {
    Lookup outlives;
    {
      Resolver resolver(loop);
      outlives = resolver.resolve(at("app-l4"), outcome.keep());
      const Lookup lookup = resolver.resolve(at("127.0.0.1"), outcome.keep());
    }
    CHECK_FALSE(outlives.is_pending());
    loop.run();
    CHECK(outcome.calls == 0);
  }
  Resolver resolver(loop);
  int calls = 0;
  Lookup lookup;
  lookup = resolver.resolve(at("app-l4"), [&](auto&&) {
    ++calls;
    lookup = resolver.resolve(at("127.0.0.1"), [&](auto&&) {
      ++calls;
      lookup = {};
    });
  });
  loop.run();
  CHECK(calls == 2);
}

TEST_CASE("Loop: ends at once and without spinning while lookups hang, and they may end after it") {
  lab::FakeNames names;
  names.hold("silent-l5");
  const TimePoint begun = Clock::now();
  const double cpu_before = cpu_seconds();
  {
    Loop loop;
    Resolver resolver(loop);
    Outcome outcome;
    const Lookup lookup = resolver.resolve(at("silent-l5"), outcome.keep());
    REQUIRE(names.wait_for_lookups("silent-l5", 1));
    loop.turn(false);
  }
  CHECK(names.under_way("silent-l5") == 1);
  CHECK(cpu_seconds() - cpu_before < 5.0);
  CHECK(Clock::now() - begun < 30s);
}
