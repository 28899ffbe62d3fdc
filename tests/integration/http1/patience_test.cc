#include <atomic>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "lab.h"

using namespace weir;
using namespace weir::testing;

namespace {

constexpr std::size_t kSize = 16'000'000;
/// Far less in all within `kPatience` than sockets hold, so that nobody is told that there is room again.
constexpr std::size_t kSip = 8'192;
constexpr auto kBetweenSips = 50ms;
constexpr Nanos kPatience = 3s;

/// Reads a little at a time for longer than the patience lasts, then all that is left. Returns how much that was.
std::size_t read_slowly(Wire& wire, std::size_t size) {
  const TimePoint begun = Clock::now();
  std::size_t got = 0;
  while (got < size) {
    const bool is_slow = Clock::now() - begun < kPatience + 1500ms;
    const std::size_t read = wire.read_exactly(std::min(size - got, is_slow ? kSip : 1'000'000)).size();
    if (read == 0) break;
    got += read;
    if (is_slow) std::this_thread::sleep_for(kBetweenSips);
  }
  return got;
}

}  // namespace

TEST_CASE("HTTP/1: a client that reads slowly, but reads, gets every byte") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_message();
    wire.send(ok(std::string(kSize, 'x')));
    wire.read_message();
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) {
    plan.timeouts.idle = kPatience;
    plan.upstreams[0].options.timeouts.idle = kPatience;
  });
  Wire client = Wire::connect(lab.port(), 16 * 1024);
  client.send(get("/"));
  client.read_head();
  CHECK(read_slowly(client, kSize) == kSize);
  CHECK(lab.facts(1).at(0).record.fault == Fault::none);
}

TEST_CASE("HTTP/1: a client that reads nothing is cut off") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_message();
    wire.send(ok(std::string(kSize, 'x')));
    wire.read_message();
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.upstreams[0].options.timeouts.idle = 200ms; });
  Wire client = Wire::connect(lab.port(), 16 * 1024);
  client.send(get("/"));
  CHECK(lab.facts(1).at(0).record.fault == Fault::client_stalled);
  CHECK(client.read_to_end().size() < kSize);
  CHECK(client.end() == Wire::End::reset);
}

TEST_CASE("HTTP/1: an app that takes a large body slowly, but takes it, is waited for") {
  std::atomic<std::size_t> got{0};
  Upstream upstream([&](Wire& wire, int) {
    wire.read_head();
    got = read_slowly(wire, kSize);
    wire.send(ok("thanks"));
    wire.read_message();
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.upstreams[0].options.timeouts.response = kPatience; });
  Wire client = lab.client();
  client.send(fmt::format("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", kSize));
  CHECK(client.send(std::string(kSize, 'x')));
  std::string answer;
  while (answer.empty() && client.end() != Wire::End::closed && client.end() != Wire::End::reset) {
    answer = client.read_for(1000);
  }
  CHECK_MESSAGE(answer.find("thanks") != std::string::npos, answer);
  CHECK(got == kSize);
}

TEST_CASE("HTTP/1: an app that takes nothing of a large body: 504") {
  std::atomic<bool> is_over{false};
  Upstream upstream([&](Wire&, int) {
    while (!is_over) std::this_thread::sleep_for(5ms);
  });
  Lab lab(upstream.port(), [](proxy::Plan& plan) { plan.upstreams[0].options.timeouts.response = 200ms; });
  Wire client = lab.client();
  client.send(fmt::format("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", kSize));
  client.send_until_stuck(std::string(100'000, 'x'), kSize, 300);
  CHECK(client.read_message().field("X-Weir-Error") == "response_timeout");
  is_over = true;
}
