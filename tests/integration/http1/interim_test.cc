#include <algorithm>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "lab.h"

using namespace weir;
using namespace weir::testing;

namespace {

constexpr const char* kSwitching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

std::string upgrade_request() { return get("/chat", "Connection: Upgrade\r\nUpgrade: echo\r\n"); }

}  // namespace

TEST_CASE("HTTP/1: the app's 100 Continue lets the client send its body; weir sends none of its own") {
  Upstream upstream([](Wire& wire, int) {
    const Message head = wire.read_head();
    const bool was_quiet = wire.read_for(100).empty();
    wire.send("HTTP/1.1 100 Continue\r\n\r\n");
    const std::string body = wire.read_exactly(5);
    wire.send(ok(fmt::format("{} {} {}", head.field("Expect"), was_quiet, body)));
    wire.read_message();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  CHECK(client.read_head().head == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  CHECK(client.read_message().body == "100-continue true hello");
}

TEST_CASE("HTTP/1: a refusal in place of 100 Continue is an ordinary answer") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_head();
    wire.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  const Message answer = client.read_message();
  CHECK(answer.status() == 417);
  CHECK(answer.field("Connection") == "close");
}

TEST_CASE("HTTP/1: interim answers go on at once and in order, but not to HTTP/1.0") {
  Upstream upstream([](Wire& wire, int) {
    while (wire.read_message().is_whole) {
      wire.send("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n");
      wire.send(ok("x"));
    }
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/"));
  CHECK(client.read_head().head == "HTTP/1.1 102 Processing\r\n\r\n");
  CHECK(client.read_head().head == "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n");
  CHECK(client.read_message().body == "x");
  Wire old = lab.client();
  old.send("GET / HTTP/1.0\r\n\r\n");
  CHECK(old.read_message().status() == 200);
}

TEST_CASE("HTTP/1: the response time is that of the response, not of an interim answer before it") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_message();
    wire.send("HTTP/1.1 103 Early Hints\r\n\r\n");
    std::this_thread::sleep_for(60ms);  // what is measured
    wire.send(ok("x"));
    wire.read_message();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/"));
  client.read_head();
  const Message answer = client.read_message();
  CHECK(std::stod(answer.field("X-Response-Time")) >= 60);
  const auto facts = lab.facts(1);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].record.phases.wait >= 60e6);
  CHECK(facts[0].record.phases.receive < 50e6);
}

TEST_CASE("HTTP/1: more interim answers than anybody needs are the upstream's fault") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_message();
    for (int i = 0; i < 100; ++i) wire.send("HTTP/1.1 102 Processing\r\n\r\n");
    wire.read_message();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/"));
  std::string head = client.read_head().head;
  int interim = 0;
  while (head.starts_with("HTTP/1.1 102") && ++interim < 200) head = client.read_head().head;
  CHECK(interim < 100);
  CHECK(head.starts_with("HTTP/1.1 502"));
}

TEST_CASE("HTTP/1: an upgrade becomes a pipe both ways, early bytes and half-closes included") {
  Upstream upstream([](Wire& wire, int) {
    const Message request = wire.read_head();
    wire.send(std::string(kSwitching) + "early");
    wire.send(wire.read_exactly(9) + request.field("Upgrade") + request.field("Connection"));
    // The client's half-close arrives as one; the answer to it still passes.
    const std::string rest = wire.read_to_end();
    wire.send("after " + rest);
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(upgrade_request() + "too ");
  const Message head = client.read_head();
  CHECK(head.head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  CHECK(head.field("Upgrade") == "echo");
  CHECK(head.field("Connection") == "Upgrade");
  CHECK(client.read_exactly(5) == "early");
  client.send("early");
  CHECK(client.read_exactly(20) == "too earlyechoUpgrade");
  client.send("bye");
  client.half_close();
  CHECK(client.read_to_end() == "after bye");
  CHECK(client.end() == Wire::End::closed);
  const auto facts = lab.facts(1);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].record.status == 101);
  CHECK(facts[0].record.has(stats::kStream));
  CHECK(facts[0].record.bytes_in == 12);
  CHECK(facts[0].record.bytes_out == 5 + 20 + 9);
  CHECK(facts[0].record.fault == Fault::none);
}

TEST_CASE("HTTP/1: the app may half-close a pipe first") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_head();
    wire.send(std::string(kSwitching) + "done");
    wire.half_close();
    wire.read_to_end();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(upgrade_request());
  client.read_head();
  CHECK(client.read_to_end() == "done");
  CHECK(client.send("still heard"));
  client.half_close();
  CHECK(lab.facts(1).at(0).record.bytes_in == 11);
}

TEST_CASE("HTTP/1: much goes through a pipe both ways at once, with back-pressure, and arrives whole") {
  constexpr std::size_t kSize = 5'000'000;
  Upstream upstream([](Wire& wire, int) {
    wire.read_head();
    wire.send(kSwitching);
    std::size_t echoed = 0;
    while (echoed < kSize) {
      const std::string block = wire.read_exactly(std::min<std::size_t>(100'000, kSize - echoed));
      if (block.empty() || !wire.send(block)) return;
      echoed += block.size();
    }
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(upgrade_request());
  client.read_head();
  std::string data(kSize, '\0');
  for (std::size_t i = 0; i < kSize; ++i) data[i] = static_cast<char>(i * 31 >> 3);
  std::thread sender([&] { client.send(data); });
  std::this_thread::sleep_for(100ms);  // lets the pipe fill up in both directions
  const std::string back = client.read_exactly(kSize);
  sender.join();
  CHECK(back == data);
}

TEST_CASE("HTTP/1: a refused upgrade is an ordinary answer, and the connection goes on") {
  Upstream upstream(always("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(upgrade_request());
  CHECK(client.read_message().body == "no");
  client.send(get("/"));
  CHECK(client.read_message().body == "no");
}

TEST_CASE("HTTP/1: h2c is not offered to the app, and a 101 that nobody asked for is its fault") {
  Upstream upstream(answering([](const Message& request, int) {
    CHECK_FALSE(request.has("Upgrade"));
    CHECK_FALSE(request.has("HTTP2-Settings"));
    return std::string(kSwitching);
  }));
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(
      get("/", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"));
  const Message answer = client.read_message();
  CHECK(answer.status() == 502);
  CHECK(answer.field("X-Weir-Error") == "upstream_invalid");
}
