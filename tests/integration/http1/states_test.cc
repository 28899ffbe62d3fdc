// Early responses, deadlines by state, retries: where both directions of an exchange are in different states.
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "lab.h"

using namespace weir;
using namespace weir::testing;

namespace {

float sum_of(const stats::Phases& p) {
  return p.client_send + p.queue + p.retry + p.connect + p.send + p.wait + p.receive + p.client_read + p.weir;
}

}  // namespace

TEST_CASE("HTTP/1: an upload that moves is not cut because the response has begun") {
  // Longer than `idle` and `request_body` in all, never with a pause that long.
  for (const bool is_whole : {false, true}) {
    CAPTURE(is_whole);
    std::string received;
    {
      Upstream upstream([&](Wire& wire, int number) {
        if (number > 0) return;
        wire.read_head();
        wire.send(is_whole ? ok("early") : "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nea");
        received = wire.read_exactly(40);
        if (!is_whole) wire.send("rly");
        wire.read_message();
      });
      Lab lab(upstream.port(), [](proxy::Plan& plan) {
        plan.timeouts.request_body = 400ms;
        plan.upstreams[0].options.timeouts.idle = 400ms;
      });
      Wire client = lab.client();
      client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n");
      const Message head = client.read_head();
      CHECK(head.status() == 200);
      for (int i = 0; i < 40; ++i) {
        client.send("x");
        std::this_thread::sleep_for(30ms);  // the pace of the client is what is tested
      }
      CHECK(client.read_exactly(5) == "early");
      CHECK(lab.facts(1)[0].record.fault == Fault::none);
    }
    CHECK(received.size() == 40);
  }
}

TEST_CASE("HTTP/1: a client that stops sending after an early response is not waited for without end") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_head();
    wire.send(ok("early"));
    wire.read_to_end();
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.timeouts.request_body = 100ms; });
  Wire client = lab.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\nhalf");
  CHECK(client.read_message().body == "early");
  CHECK(client.read_to_end().empty());
  CHECK(client.end() == Wire::End::closed);
  CHECK(lab.facts(1)[0].record.fault == Fault::none);
}

TEST_CASE("HTTP/1: the end of an upload that the app has yet to take is not thrown away with an early response") {
  constexpr std::size_t kSize = 24 << 20;
  std::atomic<bool> has_answered = false;
  std::atomic<std::size_t> received = 0;
  {
    Upstream upstream([&](Wire& wire, int) {
      wire.read_head();
      wire.send("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok");
      CHECK(await([&] { return has_answered.load(); }));
      received = wire.read_exactly(kSize).size();
      wire.send(ok("next"));
      wire.read_message();
    });
    Lab lab(upstream.port());
    Wire client = lab.client();
    client.send(fmt::format("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", kSize));
    std::thread sender([&] { client.send(std::string(kSize, 'x')); });
    lab.facts(1);  // the client has its response, and the app has yet to take the rest
    has_answered = true;
    sender.join();
    CHECK(client.read_message().body == "ok");
    REQUIRE(await([&] { return received == kSize; }));
  }
  CHECK(received == kSize);
}

TEST_CASE("HTTP/1: limits.body_size holds after an early response too") {
  std::atomic<std::size_t> received = 0;
  {
    Upstream upstream([&](Wire& wire, int) {
      wire.read_head();
      wire.send(ok("early"));
      received = wire.read_to_end().size();
    });
    Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.limits.body_size = 100'000; });
    Wire client = lab.client();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK(client.read_message().body == "early");
    const std::string chunk = chunked(std::string(50'000, 'x'), 50'000);
    for (int i = 0; i < 20 && client.send(chunk.substr(0, chunk.size() - 5)); ++i) {
    }
    client.read_to_end();
    CHECK(client.end() != Wire::End::silent);
  }
  CHECK(received <= 150'100);
}

TEST_CASE("HTTP/1: a chunked body of nothing but its end is sent again with its end") {
  std::string second;
  std::atomic<int> requests = 0;
  Upstream upstream([&](Wire& wire, int number) {
    if (number == 0) {
      wire.read_message();
      wire.send(ok("kept"));
      wire.read_message();
      wire.reset();
      return;
    }
    const Message request = wire.read_message();
    second = request.body;
    ++requests;
    wire.send(ok("again"));
    wire.read_message();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/"));
  CHECK(client.read_message().body == "kept");
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n");
  CHECK(client.read_message().body == "again");
  CHECK(second == "0\r\nX-Sum: 1\r\n\r\n");
}

TEST_CASE("HTTP/1: a response that broke off keeps what the client's socket holds") {
  constexpr std::size_t kSent = 1'500'000;
  for (const bool is_chunked : {false, true}) {
    CAPTURE(is_chunked);
    std::atomic<bool> is_over = false;
    Upstream upstream([&](Wire& wire, int) {
      wire.read_message();
      if (is_chunked) {
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2dc6c0\r\n" + std::string(kSent, 'b'));
      } else {
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + std::string(kSent, 'b'));
      }
      wire.close();
      is_over = true;
    });
    Lab lab(upstream.port());
    Wire client = lab.client();
    client.send(get("/"));
    client.read_head();
    REQUIRE(await([&] { return is_over.load(); }));
    lab.facts(0);  // weir has seen what it can of it before the client reads on
    const std::string rest = client.read_to_end();
    CHECK(std::count(rest.begin(), rest.end(), 'b') == static_cast<std::ptrdiff_t>(kSent));
    CHECK(client.end() == Wire::End::closed);
  }
}

TEST_CASE("HTTP/1: only a reset tells that a response without a length broke off, once the client has the rest") {
  constexpr std::size_t kSent = 3'000'000;
  Upstream upstream([&](Wire& wire, int) {
    wire.read_message();
    wire.send("HTTP/1.1 200 OK\r\n\r\n" + std::string(kSent, 'b'));
    wire.reset();
  });
  Lab lab(upstream.port());
  Wire client = Wire::connect(lab.port(), 65536);
  client.send(get("/"));
  client.read_head();
  client.read_to_end();
  CHECK(client.end() == Wire::End::reset);
  CHECK(lab.facts(1)[0].record.fault == Fault::upstream_truncated);
}

TEST_CASE("HTTP/1: the phases of an exchange add up to its duration") {
  Upstream upstream([](Wire& wire, int number) {
    if (number == 0) return;  // an attempt that fails
    while (true) {
      const Message head = wire.read_head();
      if (!head.is_whole) return;
      const std::string length = head.field("Content-Length");
      if (head.has("/early")) wire.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nea");
      if (!length.empty()) wire.read_exactly(std::stoul(length));
      wire.read_for(20);
      wire.send(head.has("/early") ? "ly" : ok("late"));
    }
  });
  Lab lab(upstream.port(), [&](proxy::Plan& plan) {
    plan.upstreams[0].options.servers.push_back(plan.upstreams[0].options.servers[0]);
    plan.upstreams[0].servers.push_back(ServerId(1));
    plan.server_urls.push_back(plan.server_urls[0]);
  });
  Wire client = lab.client();
  const auto check = [&](const std::string& what) {
    CAPTURE(what);
    const auto facts = lab.facts(1);
    REQUIRE(facts.size() == 1);
    const stats::Record& record = facts[0].record;
    CHECK(sum_of(record.phases) == doctest::Approx(static_cast<double>(record.duration_ns)).epsilon(1e-4));
    return record;
  };
  client.send(get("/"));
  CHECK(client.read_message().body == "late");
  const stats::Record retried = check("a retry");
  CHECK(retried.attempts.count == 1);
  CHECK(retried.phases.retry > 0);

  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nfirs");
  lab.facts(0);
  client.send("tsec");
  CHECK(client.read_message().body == "late");
  check("an upload");

  client.send("PUT /early HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nfirs");
  client.read_head();
  client.send("tsec");
  client.read_exactly(4);
  check("an early response");

  client.send(get("/1") + get("/2"));
  CHECK(client.read_message().body == "late");
  CHECK(client.read_message().body == "late");
  const auto facts = lab.facts(2);
  REQUIRE(facts.size() == 2);
  // The second one waited for the first one, which took 20 ms at least.
  CHECK(facts[1].record.phases.queue >= 19e6);
  CHECK(sum_of(facts[1].record.phases) ==
        doctest::Approx(static_cast<double>(facts[1].record.duration_ns)).epsilon(1e-4));
}

TEST_CASE("HTTP/1: the time an app takes to accept a body is not the client's") {
  constexpr std::size_t kSize = 64 << 20;
  std::atomic<bool> may_read = false;
  Upstream upstream([&](Wire& wire, int) {
    wire.read_head();
    CHECK(await([&] { return may_read.load(); }));
    wire.read_exactly(kSize);
    wire.send(ok("x"));
    wire.read_message();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(fmt::format("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", kSize));
  // Once nothing moves any more the app is waited for, for as long as this takes to find out.
  const std::size_t sent = client.send_until_stuck(std::string(1 << 20, 'x'), kSize, 300);
  REQUIRE(sent < kSize);
  may_read = true;
  client.send(std::string(kSize - sent, 'x'));
  CHECK(client.read_message().body == "x");
  const auto facts = lab.facts(1);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].record.phases.send >= 270e6);
}
