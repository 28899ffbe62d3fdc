#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "lab.h"

using namespace weir;
using namespace weir::testing;

namespace {

/// No block of it is like another, so that a byte lost or doubled shows.
std::string pattern(std::size_t size) {
  std::string data(size, '\0');
  std::uint32_t state = 1;
  for (char& c : data) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return data;
}

std::string put_chunked(std::string_view body) {
  return fmt::format("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{}", body);
}

std::string ok_chunked(std::string_view body) {
  return fmt::format("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", body);
}

}  // namespace

TEST_CASE("HTTP/1: chunked bodies pass both ways in canonical form, with their trailers") {
  Upstream upstream(answering([](const Message& request, int) { return ok_chunked(request.body); }));
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(put_chunked("005;ext=1\r\nhello\r\n1 ;x\r\n!\r\n0\r\nX-Sum: 6\r\nHost: evil\r\n\r\n"));
  const Message answer = client.read_message();
  CHECK(answer.is_whole);
  CHECK(answer.field("Transfer-Encoding") == "chunked");
  CHECK(answer.body == "5\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 6\r\n\r\n");
  const auto facts = lab.facts(1);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].record.bytes_in == 6);
  CHECK(facts[0].record.bytes_out == 6);
}

TEST_CASE("HTTP/1: large bodies arrive whole both ways, by length and in chunks") {
  Upstream upstream(answering([](const Message& request, int) {
    const bool is_chunked = request.field("Transfer-Encoding") == "chunked";
    return is_chunked ? ok_chunked(request.body) : ok(request.body);
  }));
  Lab lab(upstream.port());
  const std::string data = pattern(3'000'000);
  Wire client = lab.client();
  for (const bool is_chunked : {false, true}) {
    const std::string request =
        is_chunked ? put_chunked(chunked(data, 7777))
                   : fmt::format("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", data.size()) + data;
    std::thread sender([&] { client.send(request); });
    const Message answer = client.read_message();
    sender.join();
    CHECK(answer.is_whole);
    CHECK((is_chunked ? unchunked(answer.body) : answer.body) == data);
  }
  const auto facts = lab.facts(2);
  REQUIRE(facts.size() == 2);
  for (const Fact& fact : facts) {
    CHECK(fact.record.bytes_in == data.size());
    CHECK(fact.record.bytes_out == data.size());
    CHECK(fact.record.fault == Fault::none);
  }
}

TEST_CASE("HTTP/1: an answer that ends with the connection ends the client's too") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_message();
    wire.send("HTTP/1.1 200 OK\r\nA: b\r\n\r\nuntil the end");
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/"));
  const Message answer = client.read_message();
  CHECK(answer.is_whole);
  CHECK(answer.field("Connection") == "close");
  CHECK(answer.body == "until the end");
  CHECK(client.end() == Wire::End::closed);
  CHECK(lab.facts(1).at(0).record.bytes_out == 13);
}

TEST_CASE("HTTP/1: HEAD, 204 and 304 have no body, whatever they say, and the connection goes on") {
  Upstream upstream([](Wire& wire, int) {
    while (true) {
      const Message request = wire.read_message();
      if (!request.is_whole) return;
      wire.send(request.has("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                : request.has("/304") ? "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: x\r\n\r\n"
                                      : "HTTP/1.1 204 No Content\r\n\r\n");
    }
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
  const Message to_head = client.read_message(false);
  CHECK(to_head.field("Content-Length") == "1000");
  client.send(get("/304"));
  CHECK(client.read_message(false).field("Content-Length") == "1000");
  client.send(get("/204"));
  CHECK(client.read_message(false).status() == 204);
  client.send(get("/204"));
  CHECK(client.read_message(false).status() == 204);
  CHECK(upstream.connections() == 1);
}

TEST_CASE("HTTP/1: an HTTP/1.0 client gets a chunked answer bare, up to the end of the connection") {
  Upstream upstream(always(ok_chunked("5\r\nhello\r\n0\r\nX: y\r\n\r\n")));
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const Message answer = client.read_message();
  CHECK_FALSE(answer.has("Transfer-Encoding"));
  CHECK(answer.field("Connection") == "close");
  CHECK(answer.body == "hello");
  CHECK(client.end() == Wire::End::closed);
}

TEST_CASE("HTTP/1: an answer cut at any byte reaches the client the same") {
  const std::string text =
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok_chunked("5\r\nhello\r\n0\r\nX: y\r\n\r\n");
  std::atomic<std::size_t> cut{1};
  std::atomic<bool> goes_on{false};
  Upstream upstream([&](Wire& wire, int) {
    while (wire.read_message().is_whole) {
      wire.send(text.substr(0, cut));
      while (!goes_on.exchange(false)) std::this_thread::yield();
      wire.send(text.substr(cut));
    }
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.measure.response_time_header = ""; });
  Wire client = lab.client();
  for (std::size_t at = 1; at < text.size(); ++at) {
    cut = at;
    client.send(get("/"));
    // A round trip through the worker's inbox after the first part was sent: it may have been read, or not yet.
    lab.facts(0);
    goes_on = true;
    CHECK(client.read_head().head == "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    const Message answer = client.read_message();
    REQUIRE(answer.head + answer.body == text.substr(text.find("HTTP/1.1 200")));
  }
}

TEST_CASE("HTTP/1: what the app sends is passed on at once, with no waiting for more") {
  std::atomic<bool> goes_on{false};
  Upstream upstream([&](Wire& wire, int) {
    wire.read_message();
    wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    wire.send("6\r\ndata:1\r\n");
    while (!goes_on) std::this_thread::yield();
    wire.send("6\r\ndata:2\r\n0\r\n\r\n");
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/"));
  client.read_head();
  CHECK(client.read_through("data:1\r\n") == "6\r\ndata:1\r\n");
  goes_on = true;
  CHECK(client.read_through("0\r\n\r\n") == "6\r\ndata:2\r\n0\r\n\r\n");
  CHECK(lab.facts(1).at(0).record.has(stats::kStream));
}

TEST_CASE("HTTP/1: what the client sends is passed on at once, with no waiting for more") {
  std::atomic<int> seen{0};
  Upstream upstream([&](Wire& wire, int) {
    wire.read_head();
    for (const char* part : {"1\r\na\r\n", "1\r\nb\r\n"}) {
      if (wire.read_exactly(6) == part) ++seen;
    }
    wire.read_exactly(5);
    wire.send(ok("x"));
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(put_chunked(""));
  client.send("1\r\na\r\n");
  const TimePoint limit = Clock::now() + 60s;
  while (seen < 1 && Clock::now() < limit) std::this_thread::yield();
  REQUIRE(seen == 1);
  client.send("1\r\nb\r\n0\r\n\r\n");
  CHECK(client.read_message().is_whole);
  CHECK(seen == 2);
}

TEST_CASE("HTTP/1: an early answer goes out while the request body is still coming, and the connection serves on") {
  Upstream upstream([&](Wire& wire, int) {
    while (true) {
      const Message head = wire.read_head();
      if (!head.is_whole) return;
      wire.send(ok("early"));
      wire.read_exactly(head.field("Content-Length").empty() ? 0 : std::stoul(head.field("Content-Length")));
    }
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
  CHECK(client.read_message().body == "early");
  client.send("67890" + get("/b"));
  CHECK(client.read_message().body == "early");
  CHECK(upstream.connections() == 1);
  CHECK(lab.facts(2).size() == 2);
}

TEST_CASE("HTTP/1: an app that answers early and closes: the client gets the whole answer, then the end") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_head();
    wire.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!");
    wire.half_close();
    wire.read_to_end();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(1000, 'x'));
  const Message answer = client.read_message();
  CHECK(answer.status() == 413);
  CHECK(answer.body == "no!");
  CHECK(answer.field("Connection") == "close");
  CHECK(client.read_to_end().empty());
  CHECK(client.end() == Wire::End::closed);
}

TEST_CASE("HTTP/1: a client that does not read holds the app back, in bounded memory, and then gets every byte") {
  constexpr std::size_t kBlocks = 48;
  const std::string block = pattern(1'000'000);
  std::atomic<std::size_t> sent{0};
  Upstream upstream([&](Wire& wire, int) {
    wire.read_message();
    wire.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", kBlocks * block.size()));
    for (std::size_t i = 0; i < kBlocks; ++i) {
      if (!wire.send(block)) return;
      sent += block.size();
    }
    wire.read_message();
  });
  Lab lab(upstream.port());
  Wire client = Wire::connect(lab.port(), 16 * 1024);
  client.send(get("/"));
  // Until nothing has moved for a while: all that sockets and weir take is taken.
  std::size_t before = 1;
  while (before != sent || sent == 0) {
    before = sent;
    CHECK(client.end() == Wire::End::open);
    std::this_thread::sleep_for(200ms);
  }
  // What is under way lies in the kernel's socket buffers, a few megabytes at most.
  CHECK(sent < 20'000'000);
  client.read_head();
  for (std::size_t i = 0; i < kBlocks; ++i) REQUIRE(client.read_exactly(block.size()) == block);
  CHECK(lab.facts(1).at(0).record.bytes_out == kBlocks * block.size());
}

TEST_CASE("HTTP/1: an app that does not read holds the client back") {
  constexpr std::size_t kSize = 48'000'000;
  std::atomic<bool> goes_on{false};
  std::atomic<std::size_t> got{0};
  Upstream upstream([&](Wire& wire, int) {
    wire.read_head();
    while (!goes_on) std::this_thread::yield();
    while (got < kSize) {
      const std::size_t size = wire.read_exactly(std::min<std::size_t>(1'000'000, kSize - got)).size();
      if (size == 0) return;
      got += size;
    }
    wire.send(ok("x"));
    wire.read_message();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(fmt::format("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", kSize));
  const std::string block(100'000, 'x');
  const std::size_t stuck_at = client.send_until_stuck(block, kSize, 300);
  CHECK(stuck_at < 20'000'000);
  goes_on = true;
  std::size_t left = kSize - stuck_at;
  while (left > 0) {
    const std::size_t size = std::min(left, block.size());
    REQUIRE(client.send(block.substr(0, size)));
    left -= size;
  }
  CHECK(client.read_message().is_whole);
  CHECK(got == kSize);
}
