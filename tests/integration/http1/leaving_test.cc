// Clients that leave before they have their response.
#include "lab.h"

#include <atomic>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

using namespace weir;
using namespace weir::testing;

namespace {

void keep_going(proxy::Plan& plan) {
  plan.upstreams[0].options.on_client_close = proxy::OnClientClose::keep_going;
}

stats::Record only_record(Lab& lab) {
  const auto facts = lab.facts(1);
  REQUIRE(facts.size() == 1);
  return facts[0].record;
}

/// Whether something that was sent has not arrived: a reset would throw it away.
bool is_on_its_way(const Wire& wire) {
  int bytes = 0;
  return ::ioctl(wire.fd(), SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

/// Reads a request, sends `begin`, and counts those who leave before they get more.
Upstream::Script awaiting_departure(std::string begin, std::atomic<int>& asked, std::atomic<int>& left) {
  return [begin = std::move(begin), &asked, &left](Wire& wire, int) {
    if (!wire.read_message().is_whole) return;
    wire.send(begin);
    ++asked;
    wire.read_to_end();
    if (wire.end() != Wire::End::silent) ++left;
  };
}

}  // namespace

TEST_CASE("HTTP/1: a client that ends its stream while it waits has left: the app is told, at once") {
  const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n";
  const std::string event_stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n";
  for (const std::string& begin : {std::string(), chunked_head, event_stream}) {
    CAPTURE(begin);
    for (const bool by_closing : {true, false}) {
      CAPTURE(by_closing);
      std::atomic<int> asked = 0, left = 0;
      Upstream upstream(awaiting_departure(begin, asked, left));
      Lab lab(upstream.port());
      Wire client = lab.client();
      client.send(get("/"));
      REQUIRE(await([&] { return asked == 1; }));
      if (!begin.empty()) client.read_through("\r\n\r\n");
      if (by_closing) {
        client.close();
      } else {
        client.half_close();
      }
      REQUIRE(await([&] { return left == 1; }));
      const stats::Record record = only_record(lab);
      CHECK(record.fault == Fault::client_aborted);
      CHECK_FALSE(record.is_error());
      CHECK(record.status == (begin.empty() ? 0 : 200));
    }
  }
}

TEST_CASE("HTTP/1: abandoned event streams give their places back") {
  std::atomic<int> asked = 0, left = 0;
  Upstream upstream([&](Wire& wire, int) {
    const Message request = wire.read_message();
    if (request.has("GET /plain")) {
      wire.send(ok("plain"));
      wire.read_to_end();
      return;
    }
    wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
    ++asked;
    wire.read_to_end();
    ++left;
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.upstreams[0].options.max_connections = 4; });
  for (int i = 0; i < 4; ++i) {
    Wire client = lab.client();
    client.send(get("/events"));
    client.read_through("data: 1\n\n");
  }
  REQUIRE(await([&] { return left == 4; }));
  Wire client = lab.client();
  client.send(get("/plain"));
  CHECK(client.read_message().body == "plain");
}

TEST_CASE("HTTP/1: a client that leaves while it waits for a place leaves the queue") {
  std::atomic<int> asked = 0, left = 0;
  Upstream upstream(awaiting_departure({}, asked, left));
  Lab lab(upstream.port(), [](proxy::Plan& plan) {
    plan.upstreams[0].options.max_connections = 1;
    plan.upstreams[0].options.timeouts.connect = 30s;
  });
  Wire first = lab.client();
  first.send(get("/"));
  REQUIRE(await([&] { return asked == 1; }));
  for (const std::string& request : {get("/"), std::string("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")}) {
    Wire second = lab.client();
    second.send(request);
    lab.facts(0);
    second.close();
    CHECK(only_record(lab).fault == Fault::client_aborted);
  }
}

TEST_CASE("HTTP/1: a client that breaks off while weir reads nothing from it is noticed all the same") {
  // The app takes nothing, so the client has to wait with its upload. An end in order would lie behind what was sent.
  std::atomic<bool> has_begun = false, is_over = false;
  Upstream upstream([&](Wire& wire, int) {
    wire.read_head();
    has_begun = true;
    CHECK(await([&] { return is_over.load(); }));
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.upstreams[0].options.timeouts.response = 300s; });
  Wire client = lab.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
  client.send_until_stuck(std::string(1 << 20, 'x'), 100'000'000, 300);
  REQUIRE(await([&] { return has_begun.load(); }));
  client.reset();
  CHECK(only_record(lab).fault == Fault::client_aborted);
  is_over = true;
}

TEST_CASE("HTTP/1: on_client_close: continue lets a client that ended its stream get its response") {
  std::atomic<bool> has_ended = false;
  Upstream upstream([&](Wire& wire, int) {
    wire.read_message();
    CHECK(await([&] { return has_ended.load(); }));
    wire.send(ok("x"));
    wire.read_message();
  });
  Lab lab(upstream.port(), keep_going);
  Wire client = lab.client();
  client.send(get("/"));
  client.half_close();
  lab.facts(0);
  has_ended = true;
  CHECK(client.read_message().body == "x");
  CHECK(client.read_to_end().empty());
  CHECK(client.end() == Wire::End::closed);
  CHECK(only_record(lab).fault == Fault::none);
}

TEST_CASE("HTTP/1: on_client_close: continue still sees a connection that breaks") {
  std::atomic<int> asked = 0, left = 0;
  Upstream upstream(awaiting_departure({}, asked, left));
  Lab lab(upstream.port(), keep_going);
  Wire client = lab.client();
  client.send(get("/"));
  client.half_close();
  REQUIRE(await([&] { return asked == 1; }));
  client.reset();
  REQUIRE(await([&] { return left == 1; }));
  CHECK(only_record(lab).fault == Fault::client_aborted);
}

TEST_CASE("HTTP/1: a client that ends its stream while it reads a complete response gets all of it") {
  const std::string body(8 << 20, 'b');
  Upstream upstream(always(ok(body)));
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/"));
  // The app is done before the client reads: what is missing lies in weir.
  const Message head = client.read_head();
  std::string read = client.read_exactly(6 << 20);
  client.half_close();
  read += client.read_to_end();
  // Either weir had all of it when the end came, or the response was cut. It was never more.
  CHECK(read.size() <= body.size());
  const stats::Record record = only_record(lab);
  CHECK((read.size() == body.size()) == (record.fault == Fault::none));
}

TEST_CASE("HTTP/1: a response without a length that was cancelled does not look whole to a client that reads on") {
  std::atomic<int> asked = 0, left = 0;
  Upstream upstream(awaiting_departure("HTTP/1.1 200 OK\r\n\r\npart", asked, left));
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/"));
  CHECK(client.read_head().status() == 200);
  client.half_close();
  client.read_to_end();
  CHECK(client.end() == Wire::End::reset);
}

TEST_CASE("HTTP/1: an end of stream in a tunnel goes on to the app") {
  std::atomic<bool> has_ended = false;
  Upstream upstream([&](Wire& wire, int) {
    wire.read_message();
    wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    const std::string all = wire.read_to_end();
    has_ended = wire.end() == Wire::End::closed;
    wire.send(all);
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/", "Connection: Upgrade\r\nUpgrade: echo\r\n"));
  CHECK(client.read_head().status() == 101);
  client.send("last words");
  client.half_close();
  CHECK(client.read_to_end() == "last words");
  CHECK(has_ended);
}

TEST_CASE("HTTP/1: what an app sent before it closed its end of a tunnel reaches a client that is slow to read it") {
  constexpr std::size_t kSize = 6 << 20;
  for (const bool client_ends_first : {false, true}) {
    CAPTURE(client_ends_first);
    std::atomic<bool> is_closed = false;
    Upstream upstream([&](Wire& wire, int) {
      wire.read_message();
      wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
      if (client_ends_first) wire.read_to_end();
      wire.send(std::string(kSize, 'w'));
      wire.close();
      is_closed = true;
    });
    Lab lab(upstream.port());
    Wire client = Wire::connect(lab.port(), 65536);
    client.send(get("/", "Connection: Upgrade\r\nUpgrade: echo\r\n"));
    CHECK(client.read_head().status() == 101);
    if (client_ends_first) client.half_close();
    std::string received = client.read_exactly(1 << 20);
    REQUIRE(await([&] { return is_closed.load(); }));
    received += client.read_exactly(kSize - received.size());
    CHECK(received.size() == kSize);
    client.half_close();
    client.read_to_end();
    CHECK(client.end() == Wire::End::closed);
  }
}

TEST_CASE("HTTP/1: an app that breaks off a tunnel resets the client once it has what the app had sent") {
  constexpr std::size_t kSize = 512 << 10;
  std::atomic<bool> is_reset = false;
  Upstream upstream([&](Wire& wire, int) {
    wire.read_message();
    wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    wire.send(std::string(kSize, 'w'));
    CHECK(await([&] { return !is_on_its_way(wire); }));
    wire.reset();
    is_reset = true;
  });
  Lab lab(upstream.port());
  Wire client = Wire::connect(lab.port(), 65536);
  client.send(get("/", "Connection: Upgrade\r\nUpgrade: echo\r\n"));
  CHECK(client.read_head().status() == 101);
  REQUIRE(await([&] { return is_reset.load(); }));
  lab.facts(0);
  CHECK(client.read_to_end().size() == kSize);
  CHECK(client.end() == Wire::End::reset);
  CHECK(only_record(lab).fault == Fault::none);
}

TEST_CASE("HTTP/1: a client that breaks off a tunnel while the app reads nothing is noticed") {
  std::atomic<bool> is_over = false;
  Upstream upstream([&](Wire& wire, int) {
    wire.read_message();
    wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    CHECK(await([&] { return is_over.load(); }));
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/", "Connection: Upgrade\r\nUpgrade: echo\r\n"));
  CHECK(client.read_head().status() == 101);
  client.send_until_stuck(std::string(1 << 20, 'x'), 100'000'000, 300);
  client.reset();
  CHECK(only_record(lab).has(stats::kStream));
  is_over = true;
}

TEST_CASE("HTTP/1: a byte of urgent data does not hide that its sender leaves") {
  std::atomic<int> asked = 0, left = 0;
  Upstream upstream(awaiting_departure({}, asked, left));
  Lab lab(upstream.port(), [](proxy::Plan& plan) {
    plan.upstreams[0].options.max_connections = 1;
    plan.upstreams[0].options.timeouts.connect = 30s;
  });
  Wire first = lab.client();
  first.send(get("/"));
  REQUIRE(await([&] { return asked == 1; }));
  Wire second = lab.client();
  second.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
  lab.facts(0);
  REQUIRE(::send(second.fd(), "!", 1, MSG_OOB) == 1);
  lab.facts(0);
  second.close();
  CHECK(only_record(lab).fault == Fault::client_aborted);
}

TEST_CASE("HTTP/1: a client that ended its stream before its next request had its turn is watched all the same") {
  std::atomic<int> asked = 0, left = 0;
  std::atomic<bool> has_ended = false;
  Upstream upstream([&](Wire& wire, int) {
    while (true) {
      const Message request = wire.read_message();
      if (!request.is_whole) break;
      if (request.has("GET /first")) {
        CHECK(await([&] { return has_ended.load(); }));
        wire.send(ok("first"));
        continue;
      }
      wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
      ++asked;
    }
    if (wire.end() != Wire::End::silent) ++left;
  });
  Lab lab(upstream.port(), keep_going);
  Wire client = lab.client();
  client.send(get("/first") + get("/events"));
  client.half_close();
  lab.facts(0);
  has_ended = true;
  client.read_through("data: 1\n\n");
  REQUIRE(await([&] { return asked == 1; }));
  client.reset();
  CHECK(await([&] { return left == 1; }));
  const auto facts = lab.facts(2);
  REQUIRE(facts.size() == 2);
  CHECK(facts[1].record.fault == Fault::client_aborted);
}

TEST_CASE("HTTP/1: what still comes of a request does not put off the end of a response that broke off") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_through("\r\n\r\n");
    wire.send("HTTP/1.1 200 OK\r\n\r\n" + std::string(300'000, 'x'));
    CHECK(await([&] { return !is_on_its_way(wire); }));
    wire.reset();
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.timeouts.idle = 300ms; });
  Wire client = Wire::connect(lab.port(), 4096);  // which it never reads from
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  const TimePoint limit = Clock::now() + 20s;
  // A piece every 10 ms: less than the time between two looks at what the client has taken.
  while (Clock::now() < limit && client.send("x")) std::this_thread::sleep_for(10ms);
  CHECK(Clock::now() < limit);
  CHECK(only_record(lab).fault == Fault::upstream_truncated);
}

TEST_CASE("HTTP/1: an app that takes its time to say 100 is no client that stalls") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_through("\r\n\r\n");
    std::this_thread::sleep_for(600ms);  // three times what a client has
    wire.send("HTTP/1.1 100 Continue\r\n\r\n");
    wire.read_exactly(4);
    wire.send(ok("done"));
    wire.read_to_end();
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.timeouts.request_body = 200ms; });
  Wire client = lab.client();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_head().status() == 100);
  client.send("body");
  CHECK(client.read_message().body == "done");
}
