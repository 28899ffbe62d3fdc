// Connections to the app that are used again: whose they are, and what is left on them.
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "lab.h"

using namespace weir;
using namespace weir::testing;

namespace {

/// An app that authenticates connections as NTLM does: three steps on one connection, which is logged in from then on.
Upstream::Script authenticating(std::string scheme) {
  return [scheme = std::move(scheme)](Wire& wire, int) {
    std::string user;
    while (true) {
      const Message request = wire.read_message();
      if (!request.is_whole) return;
      const std::string credentials = request.field("Authorization");
      if (credentials == scheme + " type3-alice") user = "alice";
      if (!user.empty()) {
        wire.send(ok(user));
      } else {
        const std::string challenge = credentials == scheme + " type1" ? scheme + " type2" : "Basic realm=\"x\", " + scheme;
        wire.send(fmt::format("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {}\r\nContent-Length: 0\r\n\r\n", challenge));
      }
    }
  };
}

}  // namespace

TEST_CASE("HTTP/1: a connection that the app has authenticated serves the client alone that logged in on it") {
  for (const char* scheme : {"NTLM", "Negotiate", "negotiate", "Nego2"}) {
    CAPTURE(scheme);
    Upstream upstream(authenticating(scheme));
    Lab lab(upstream.port());
    Wire alice = lab.client();
    const auto stranger = [&] {
      Wire client = lab.client();
      client.send(get("/"));
      CHECK(client.read_message().status() == 401);
    };
    stranger();
    alice.send(get("/"));
    CHECK(alice.read_message().status() == 401);
    stranger();
    alice.send(get("/", fmt::format("Authorization: {} type1\r\n", scheme)));
    CHECK(alice.read_message().field("WWW-Authenticate") == fmt::format("{} type2", scheme));
    stranger();
    alice.send(get("/", fmt::format("Authorization: {} type3-alice\r\n", scheme)));
    CHECK(alice.read_message().body == "alice");
    for (int i = 0; i < 3; ++i) {
      stranger();
      alice.send(get("/"));
      CHECK(alice.read_message().body == "alice");
    }
    alice.close();
    lab.facts(1);
    for (int i = 0; i < 5; ++i) stranger();
  }
}

TEST_CASE("HTTP/1: an authenticated connection ends with its client and counts within max_connections") {
  std::atomic<int> ended = 0;
  Upstream upstream([&ended, script = authenticating("NTLM")](Wire& wire, int number) {
    script(wire, number);
    ++ended;
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) {
    plan.upstreams[0].options.max_connections = 1;
    plan.upstreams[0].options.timeouts.connect = 200ms;
  });
  Wire alice = lab.client();
  alice.send(get("/", "Authorization: NTLM type3-alice\r\n"));
  CHECK(alice.read_message().body == "alice");
  Wire stranger = lab.client();
  stranger.send(get("/"));
  CHECK(stranger.read_message().status() == 503);
  alice.close();
  const TimePoint limit = Clock::now() + 60s;
  while (ended == 0 && Clock::now() < limit) std::this_thread::yield();
  stranger.send(get("/"));
  CHECK(stranger.read_message().status() == 401);
}

TEST_CASE("HTTP/1: basic and bearer credentials bind no connection") {
  Upstream upstream(always(ok("x")));
  Lab lab(upstream.port());
  for (int i = 0; i < 5; ++i) {
    Wire client = lab.client();
    client.send(get("/", i % 2 == 0 ? "Authorization: Basic eDp5\r\n" : "Authorization: Bearer NTLM\r\n"));
    CHECK(client.read_message().body == "x");
    lab.facts(1);
  }
  CHECK(upstream.connections() == 1);
}

TEST_CASE("HTTP/1: a 408 or rubbish on a kept connection is no response to the next request, which is sent again") {
  for (const char* stray : {"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
                            "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n", "rubbish\r\n\r\n"}) {
    CAPTURE(stray);
    Upstream upstream([stray](Wire& wire, int number) {
      if (!wire.read_message().is_whole) return;
      wire.send(ok(fmt::format("{}", number)));
      if (!wire.read_message().is_whole) return;
      wire.send(stray);  // in place of a response
      wire.read_to_end();
    });
    Lab lab(upstream.port());
    Wire client = lab.client();
    for (int i = 0; i < 6; ++i) {
      client.send(get("/"));
      CHECK(client.read_message().body == fmt::format("{}", i));
    }
  }
}

TEST_CASE("HTTP/1: a 408 that answers a request not to be repeated is given, and its connection is not kept") {
  Upstream upstream([](Wire& wire, int number) {
    if (!wire.read_message().is_whole) return;
    wire.send(number == 0 ? "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n" : ok("x"));
    wire.read_to_end();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
  CHECK(client.read_message().status() == 408);
  client.send(get("/"));
  CHECK(client.read_message().body == "x");
  CHECK(upstream.connections() == 2);
}

TEST_CASE("HTTP/1: replacing connections that were stale takes nothing from the retry budget") {
  // Every second request on a connection is answered by its end: far more renewals than the budget has retries.
  Upstream upstream([](Wire& wire, int) {
    if (!wire.read_message().is_whole) return;
    wire.send(ok("x"));
    wire.read_message();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  for (int i = 0; i < 100; ++i) {
    client.send(get("/"));
    CHECK(client.read_message().status() == 200);
  }
}

TEST_CASE("HTTP/1: a final response to Expect without a 100 ends both connections") {
  Upstream upstream([](Wire& wire, int number) {
    const Message head = wire.read_head();
    if (number == 0) {
      wire.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
    } else {
      wire.send(ok("x"));
    }
    wire.read_to_end();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
  const Message refused = client.read_message();
  CHECK(refused.status() == 417);
  CHECK(refused.field("Connection") == "close");
  // Whatever comes now is the body at best: it is neither a request nor a reason for a reset.
  client.send(get("/not-a-request"));
  CHECK(client.read_to_end().empty());
  CHECK(client.end() == Wire::End::closed);
  CHECK(lab.facts(1).size() == 1);
  CHECK(upstream.connections() == 1);
}

TEST_CASE("HTTP/1: bytes that came with a refused upgrade are not the next request") {
  std::atomic<int> requests = 0;
  Upstream upstream([&](Wire& wire, int) {
    while (wire.read_head().is_whole) {
      ++requests;
      wire.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/", "Connection: Upgrade\r\nUpgrade: websocket\r\n") + get("/frame"));
  const Message refused = client.read_message();
  CHECK(refused.status() == 403);
  CHECK(refused.field("Connection") == "close");
  CHECK(client.read_to_end().empty());
  lab.facts(1);
  CHECK(requests == 1);
}

TEST_CASE("HTTP/1: a request that comes back to the same weir is refused") {
  std::string mark;
  Upstream upstream(answering([&mark](const Message& request, int) {
    mark = request.field("X-Weir-Hop");
    return ok("x");
  }));
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/", "X-Weir-Hop: 0123456789abcdef\r\n"));
  CHECK(client.read_message().status() == 200);
  client.send(get("/"));
  CHECK(client.read_message().status() == 200);
  REQUIRE(mark.size() == 16);
  client.send(get("/", fmt::format("X-Weir-Hop: 0123456789abcdef\r\nX-Weir-Hop: {}\r\n", mark)));
  const Message refused = client.read_message();
  CHECK(refused.status() == 508);
  CHECK(refused.field("X-Weir-Error") == "loop_detected");
  CHECK(refused.body.find("app") != std::string::npos);
}

TEST_CASE("HTTP/1: only successful responses are streams") {
  Upstream upstream([](Wire& wire, int) {
    while (true) {
      const Message request = wire.read_message();
      if (!request.is_whole) return;
      const bool is_refused = request.has("/refused");
      wire.send(fmt::format("HTTP/1.1 {}\r\nContent-Type: text/event-stream\r\nContent-Length: 2\r\n\r\nok",
                            is_refused ? "503 Service Unavailable" : "200 OK"));
    }
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  for (const bool is_refused : {false, true}) {
    client.send(get(is_refused ? "/refused" : "/"));
    client.read_message();
    const auto facts = lab.facts(1);
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].record.has(stats::kStream) == !is_refused);
  }
}

TEST_CASE("HTTP/1: an event stream may be silent after its client was slow") {
  std::atomic<bool> is_drained = false;
  Upstream upstream([&](Wire& wire, int) {
    wire.read_message();
    wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + std::string(8 << 20, 'e'));
    while (!is_drained) std::this_thread::yield();
    wire.read_for(500);  // longer than `idle`
    wire.send("last");
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.upstreams[0].options.timeouts.idle = 150ms; });
  Wire client = Wire::connect(lab.port(), 8192);
  client.send(get("/"));
  client.read_head();
  CHECK(client.read_exactly(8 << 20).size() == 8 << 20);
  is_drained = true;
  CHECK(client.read_to_end() == "last");
  CHECK(lab.facts(1)[0].record.fault == Fault::none);
}
