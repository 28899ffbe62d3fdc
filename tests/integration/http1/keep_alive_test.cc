#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "lab.h"

using namespace weir;
using namespace weir::testing;

TEST_CASE("HTTP/1: many requests on one client connection use one upstream connection") {
  Upstream upstream(
      answering([](const Message& request, int) { return ok(request.head.substr(0, request.head.find("\r\n"))); }));
  Lab lab(upstream.port());
  Wire client = lab.client();
  for (int i = 0; i < 50; ++i) {
    REQUIRE(client.send(get(fmt::format("/{}", i))));
    const Message answer = client.read_message();
    REQUIRE(answer.is_whole);
    CHECK(answer.body == fmt::format("GET /{} HTTP/1.1", i));
    CHECK_FALSE(answer.has("Connection:"));
  }
  CHECK(upstream.connections() == 1);
  const auto facts = lab.facts(50);
  REQUIRE(facts.size() == 50);
  CHECK_FALSE(facts[0].record.has(stats::kReusedConnection));
  CHECK(facts[1].record.has(stats::kReusedConnection));
  CHECK(facts[1].record.phases.connect == 0);
}

TEST_CASE("HTTP/1: a pooled connection serves one client after another") {
  Upstream upstream(always(ok("x")));
  Lab lab(upstream.port());
  for (int i = 0; i < 5; ++i) {
    Wire client = lab.client();
    client.send(get("/"));
    CHECK(client.read_message().is_whole);
  }
  CHECK(upstream.connections() == 1);
}

TEST_CASE("HTTP/1: pipelined requests are answered in order, bodies and all") {
  Upstream upstream(
      answering([](const Message& request, int) { return ok(request.head.substr(0, 6) + request.body); }));
  Lab lab(upstream.port());
  Wire client = lab.client();
  std::string all;
  for (int i = 0; i < 9; ++i) {
    all += i % 3 == 0 ? fmt::format("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", i)
           : i % 3 == 1
               ? fmt::format("PUT /{0} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nb{0}\n", i)
               : fmt::format("PUT /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nc{0}\r\n0\r\n\r\n",
                             i);
  }
  client.send(all);
  for (int i = 0; i < 9; ++i) {
    const Message answer = client.read_message();
    REQUIRE(answer.is_whole);
    CHECK(answer.body.substr(0, 6) == fmt::format("{} /{}", i % 3 == 0 ? "GET" : "PUT", i));
  }
}

TEST_CASE("HTTP/1: pipelined requests cut at any byte are read the same") {
  Upstream upstream(
      answering([](const Message& request, int) { return ok(request.head.substr(0, 6) + request.body); }));
  Lab lab(upstream.port());
  const std::string two =
      "PUT /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX: y\r\n\r\n\r\nGET /2 "
      "HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t cut = 1; cut < two.size(); ++cut) {
    Wire client = lab.client();
    client.send(two.substr(0, cut));
    // Awaited, not slept: another exchange passes through the worker, so the first part has been read.
    Wire other = lab.client();
    other.send(get("/o"));
    REQUIRE(other.read_message().is_whole);
    client.send(two.substr(cut));
    CHECK(client.read_message().body == "PUT /12\r\nab\r\n0\r\nX: y\r\n\r\n");
    CHECK(client.read_message().body == "GET /2");
  }
}

TEST_CASE("HTTP/1: more pipelined bytes than are held wait in the socket, and all are answered") {
  Upstream upstream(always(ok("x")));
  Lab lab(upstream.port());
  Wire client = lab.client();
  const std::string request = get("/", "X-Fill: " + std::string(2000, 'f') + "\r\n");
  constexpr int kRequests = 300;
  std::thread sender([&] {
    for (int i = 0; i < kRequests; ++i) client.send(request);
  });
  int answers = 0;
  while (answers < kRequests && client.read_message().is_whole) ++answers;
  sender.join();
  CHECK(answers == kRequests);
}

TEST_CASE("HTTP/1: the connection closes where either side says so") {
  Upstream upstream(always(ok("x")));
  Lab lab(upstream.port());
  {
    Wire client = lab.client();
    client.send(get("/", "Connection: close\r\n"));
    const Message answer = client.read_message();
    CHECK(answer.field("Connection") == "close");
    CHECK(client.read_to_end().empty());
    CHECK(client.end() == Wire::End::closed);
  }
  CHECK(upstream.connections() == 1);
}

TEST_CASE("HTTP/1: an upstream that closes takes its own connection away, not the client's") {
  Upstream upstream(always(ok("x", "Connection: close\r\n")));
  Lab lab(upstream.port());
  Wire client = lab.client();
  for (int i = 0; i < 3; ++i) {
    client.send(get("/"));
    const Message answer = client.read_message();
    CHECK(answer.is_whole);
    CHECK_FALSE(answer.has("Connection"));
  }
  CHECK(upstream.connections() == 3);
}

TEST_CASE("HTTP/1: HTTP/1.0 closes after one, unless it asks to keep the connection") {
  Upstream upstream(answering([](const Message& request, int) { return ok(request.head); }));
  Lab lab(upstream.port());
  {
    Wire client = lab.client();
    client.send("GET /old HTTP/1.0\r\n\r\n");
    const Message answer = client.read_message();
    CHECK(answer.head.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.field("Connection") == "close");
    // No Host is invented, and without one the request is HTTP/1.0 to the app too.
    CHECK(answer.body.starts_with("GET /old HTTP/1.0\r\n"));
    CHECK(answer.body.find("\r\nHost:") == std::string::npos);
    CHECK(client.read_to_end().empty());
    CHECK(client.end() == Wire::End::closed);
  }
  Wire client = lab.client();
  for (int i = 0; i < 3; ++i) {
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(client.read_message().field("Connection") == "keep-alive");
  }
}

TEST_CASE("HTTP/1: bytes after an answer never reach the next exchange") {
  Upstream upstream(answering([](const Message& request, int number) {
    const bool is_first = request.has("GET /first");
    return ok(fmt::format("{}", number)) + (is_first ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" : "");
  }));
  Lab lab(upstream.port());
  Wire client = lab.client();
  for (int i = 0; i < 20; ++i) {
    client.send(get("/first"));
    CHECK(client.read_message().body == fmt::format("{}", i));
    client.send(get("/second"));
    CHECK(client.read_message().body == fmt::format("{}", i + 1));
  }
  CHECK(upstream.connections() == 21);
}

TEST_CASE("HTTP/1: a connection whose 204 speaks of a body carries nothing more") {
  for (const char* field : {"Content-Length: 5", "Transfer-Encoding: chunked"}) {
    Upstream upstream(always(fmt::format("HTTP/1.1 204 No Content\r\n{}\r\n\r\n", field)));
    Lab lab(upstream.port());
    Wire client = lab.client();
    for (int i = 0; i < 2; ++i) {
      client.send(get("/"));
      const Message answer = client.read_message(false);
      CHECK(answer.status() == 204);
      CHECK_FALSE(answer.has(field));
    }
    CHECK(upstream.connections() == 2);
  }
}

TEST_CASE("HTTP/1: a kept connection that turns out stale is tried again for GET, never for POST") {
  for (const bool is_get : {true, false}) {
    const std::string second =
        is_get ? get("/second") : "POST /second HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab";
    Upstream fresh([](Wire& wire, int number) {
      // The first connection dies on its second request, unanswered.
      while (true) {
        const Message request = wire.read_message();
        if (!request.is_whole || (number == 0 && request.has("second"))) return;
        if (!wire.send(ok(fmt::format("{}", number)))) return;
      }
    });
    Lab lab(fresh.port());
    Wire client = lab.client();
    client.send(get("/first"));
    CHECK(client.read_message().body == "0");
    client.send(second);
    const Message answer = client.read_message();
    const auto facts = lab.facts(2);
    REQUIRE(facts.size() == 2);
    if (is_get) {
      CHECK(answer.body == "1");
      CHECK(facts[1].record.has(stats::kRetried));
      CHECK(facts[1].record.fault == Fault::none);
    } else {
      CHECK(answer.status() == 502);
      CHECK(answer.field("X-Weir-Error") == "upstream_closed");
      CHECK(facts[1].record.fault == Fault::upstream_closed);
      CHECK(fresh.connections() == 1);
    }
  }
}
