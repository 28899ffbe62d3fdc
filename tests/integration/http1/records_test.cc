#include <atomic>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "lab.h"

using namespace weir;
using namespace weir::testing;

TEST_CASE("HTTP/1: each exchange is recorded once, with its method, status, bytes and texts") {
  Upstream upstream(answering([](const Message& request, int) {
    return request.has("PURGE") ? std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno") : ok("hello");
  }));
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send("POST /a/b?token=secret HTTP/1.1\r\nHost: a\r\nX-Request-Id: r1\r\nContent-Length: 3\r\n\r\nabc");
  client.read_message();
  client.send("PURGE /c HTTP/1.1\r\nHost: a\r\n\r\n");
  client.read_message();
  const auto facts = lab.facts(2);
  REQUIRE(facts.size() == 2);
  const Fact& post = facts[0];
  CHECK(post.record.method == Method::post);
  CHECK(post.record.status == 200);
  CHECK(post.record.bytes_in == 3);
  CHECK(post.record.bytes_out == 5);
  CHECK(post.record.route == kUnmatchedRoute);
  CHECK(post.record.server == ServerId(0));
  CHECK(post.record.fault == Fault::none);
  CHECK(post.record.concurrency == 1);
  CHECK(post.path == "/a/b");
  CHECK(post.client == "127.0.0.1");
  CHECK(post.request_id == "r1");
  const Fact& purge = facts[1];
  CHECK(purge.record.method == Method::other);
  CHECK(purge.record.status == 404);
  CHECK(purge.record.is_error());
  CHECK(purge.request_id.size() == 32);
}

TEST_CASE("HTTP/1: the phases tell where the time went") {
  constexpr auto kPause = 60ms;
  // A pause begins when weir has passed on what came before it: so it has read that, however long it took to.
  std::promise<void> half_sent, half_answered;
  Upstream upstream([&](Wire& wire, int) {
    wire.read_head();
    wire.read_exactly(1);
    half_sent.set_value();
    wire.read_exactly(1);
    std::this_thread::sleep_for(kPause);  // what is measured
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na");
    half_answered.get_future().wait();
    std::this_thread::sleep_for(kPause);
    wire.send("b");
    wire.read_message();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
  half_sent.get_future().wait();
  std::this_thread::sleep_for(kPause);
  client.send("b");
  Message answer = client.read_head();
  answer.body = client.read_exactly(1);
  half_answered.set_value();
  answer.body += client.read_exactly(1);
  const auto facts = lab.facts(1);
  REQUIRE(facts.size() == 1);
  const stats::Record& record = facts[0].record;
  // What a pause lasts at least. How long it lasts is the machine's affair; that each stands in one phase alone is not.
  const double pause = 60e6 * 0.9;
  const auto whole = static_cast<double>(record.duration_ns);
  CHECK(record.phases.client_send >= pause);
  CHECK(record.phases.send <= whole - 3 * pause);  // it was the client that took the time
  CHECK(record.phases.wait >= pause);
  CHECK(record.phases.receive >= pause);
  CHECK(record.phases.client_send <= whole - 2 * pause);
  CHECK(record.phases.wait <= whole - 2 * pause);
  CHECK(record.phases.receive <= whole - 2 * pause);
  CHECK(record.phases.connect <= whole - 3 * pause);
  CHECK(whole >= 3 * pause);
  const double response_time_ns = std::stod(answer.field("X-Response-Time")) * 1e6;
  CHECK(response_time_ns >= 2 * pause);
  CHECK(response_time_ns <= whole - pause);
  CHECK(answer.field("X-Response-Time").ends_with("ms"));
}

TEST_CASE("HTTP/1: the app's own response time stays, and weir adds none") {
  Upstream upstream(always(ok("x", "x-response-time: mine\r\n")));
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/"));
  const Message answer = client.read_message();
  CHECK(answer.field("x-response-time") == "mine");
  CHECK_FALSE(answer.has("X-Response-Time"));
}

TEST_CASE("HTTP/1: the app gets the forwarded fields and a request id that is new each time") {
  Upstream upstream(answering([](const Message& request, int) { return ok(request.head); }));
  Lab lab(upstream.port());
  Wire client = lab.client();
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    client.send("GET / HTTP/1.1\r\nHost: a.example:8080\r\n\r\n");
    Message request;
    request.head = client.read_message().body;
    CHECK(request.head.starts_with(
        "GET / HTTP/1.1\r\nHost: a.example:8080\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
        "X-Forwarded-Host: a.example:8080\r\nX-Request-Id: "));
    ids.insert(request.field("X-Request-Id"));
  }
  CHECK(ids.size() == 20);
}

TEST_CASE("HTTP/1: probes are forwarded and marked") {
  Upstream upstream(always(ok("x")));
  Lab lab(upstream.port());
  Wire client = lab.client();
  for (const std::string& request :
       {get("/healthz?x"), get("/a", "User-Agent: kube-probe/1.27\r\n"), get("/a", "User-Agent: curl\r\n")}) {
    client.send(request);
    CHECK(client.read_message().status() == 200);
  }
  const auto facts = lab.facts(3);
  REQUIRE(facts.size() == 3);
  CHECK(facts[0].record.has(stats::kProbe));
  CHECK(facts[1].record.has(stats::kProbe));
  CHECK_FALSE(facts[2].record.has(stats::kProbe));
}

TEST_CASE("HTTP/1: with many clients at once no count is lost and no answer goes astray") {
  constexpr int kClients = 8;
  constexpr int kRequests = 400;
  Upstream upstream(
      answering([](const Message& request, int) { return ok(request.head.substr(0, request.head.find(" HTTP"))); }));
  Lab lab(upstream.port());
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int c = 0; c < kClients; ++c) {
    threads.emplace_back([&lab, &right, c] {
      Wire client = lab.client();
      for (int i = 0; i < kRequests; ++i) {
        client.send(get(fmt::format("/{}/{}", c, i)));
        right += client.read_message().body == fmt::format("GET /{}/{}", c, i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == kClients * kRequests);
  std::size_t recorded = 0;
  std::uint64_t bytes = 0;
  for (const Fact& fact : lab.facts(kClients * kRequests)) {
    ++recorded;
    bytes += fact.record.bytes_out;
    CHECK(fact.record.concurrency <= kClients);
  }
  CHECK(recorded == kClients * kRequests);
  CHECK(bytes > 0);
}
