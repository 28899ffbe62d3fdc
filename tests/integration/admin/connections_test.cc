#include <doctest/doctest.h>

#include "house.h"
#include "lab/certificates.h"

using namespace weir;

namespace {

const std::string kStats = "GET /admin/performance/stats HTTP/1.1\r\nHost: localhost\r\n\r\n";

void with_short_limits(admin::ServerSetup& setup) {
  setup.limits.idle = 200ms;
  setup.limits.head = 200ms;
  setup.limits.body = 200ms;
  setup.limits.write = 200ms;
  setup.limits.linger = 200ms;
}

}  // namespace

TEST_CASE("Connections: pipelined requests are answered in order") {
  House house;
  Client client(house.port());
  client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + kStats + "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n" +
              "HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + kStats);
  CHECK(client.answer().says("alive"));
  CHECK(client.answer().says("endpoint_stats"));
  CHECK(client.answer().status == 404);
  CHECK(client.answer(false).head.find("Content-Length: 18\r\n") != std::string::npos);
  CHECK(client.answer().says("endpoint_stats"));
}

TEST_CASE("Connections: a thousand pipelined requests cost no stack and lose no answer") {
  House house(1);
  Client client(house.port());
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  std::thread sender([&] { client.send(requests); });
  for (int i = 0; i < 1000; ++i) REQUIRE(client.answer().status == 200);
  sender.join();
}

TEST_CASE("Connections: a client that has shut down its side gets its answers") {
  House house;
  Client client(house.port());
  client.send(kStats + kStats);
  client.shutdown_writing();
  CHECK(client.answer().status == 200);
  CHECK(client.answer().status == 200);
  CHECK(client.is_closed());
}

TEST_CASE("Connections: a body comes by length or in chunks, and 100-continue is answered") {
  House house;
  Client client(house.port());
  const std::string reset = "POST /admin/performance/reset HTTP/1.1\r\nHost: localhost\r\n";
  client.send(reset + "Content-Length: 5\r\n\r\n  {");
  client.send("} " + reset + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n");
  CHECK(client.answer().status == 200);
  CHECK(client.answer().status == 200);
  client.send(reset + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(client.answer().status == 100);
  client.send("{}");
  CHECK(client.answer().status == 200);
}

TEST_CASE("Connections: a body that is too large is refused, and the answer arrives") {
  House house;
  const std::string megabytes(3 << 20, 'x');
  {
    Client client(house.port());
    client.send("POST /admin/performance/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3145728\r\n\r\n");
    client.send(megabytes);
    CHECK(client.answer().status == 413);
  }
  Client client(house.port());
  client.send(
      "POST /admin/performance/reset HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n300000\r\n");
  client.send(megabytes);
  const Client::Answer answer = client.answer();
  CHECK(answer.status == 413);
  CHECK(answer.head.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("Connections: what is no HTTP gets a problem and an end") {
  House house;
  for (const char* garbage :
       {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET /\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    CAPTURE(garbage);
    Client client(house.port());
    client.send(garbage);
    const Client::Answer answer = client.answer();
    CHECK(answer.status >= 400);
    CHECK(answer.head.find("application/problem+json") != std::string::npos);
    CHECK(client.is_closed());
  }
}

TEST_CASE("Connections: wrong calls say what would be right") {
  House house;
  Client client(house.port());
  client.send("DELETE /admin/performance/stats HTTP/1.1\r\nHost: localhost\r\n\r\n");
  Client::Answer answer = client.answer();
  CHECK(answer.status == 405);
  CHECK(answer.head.find("Allow: GET, HEAD, OPTIONS\r\n") != std::string::npos);
  client.send("OPTIONS /admin/performance/reset HTTP/1.1\r\nHost: localhost\r\n\r\n");
  answer = client.answer();
  CHECK(answer.status == 204);
  CHECK(answer.head.find("Allow: POST, OPTIONS\r\n") != std::string::npos);
  CHECK(answer.head.find("Access-Control") == std::string::npos);
  answer = client.get("/admin/performance/stats?window=2m");
  CHECK(answer.status == 400);
  CHECK(answer.says("window: \\\"2m\\\" cannot be used (write one of 1m, 5m, 1h, 1d, all)"));
  CHECK(client.get("/admin/performance/stats?sort=speed").status == 400);
  CHECK(client.get("/admin/performance/stats?limit=many").status == 400);
  CHECK(client.get("/admin/performance/stats?route=/none").status == 404);
}

TEST_CASE("Connections: who is slow or silent is let go") {
  House house(1, with_short_limits);
  Client silent(house.port());
  Client slow(house.port());
  Client stuck(house.port());
  slow.send("GET /heal");
  stuck.send("POST /admin/performance/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n123");
  CHECK(slow.answer().status == 408);
  CHECK(stuck.answer().status == 408);
  CHECK(silent.is_closed());
}

TEST_CASE("Connections: a head that drips in keeps no one longer than one that hangs") {
  House house(1, with_short_limits);
  Client client(house.port());
  client.send("GET /healthz HTTP/1.1\r\n");
  std::atomic<bool> is_over{false};
  std::thread dripping([&] {
    for (int i = 0; i < 2000 && !is_over; ++i) {
      client.send("X: y\r\n");
      std::this_thread::sleep_for(20ms);
    }
  });
  const TimePoint begun = Clock::now();
  CHECK(client.answer().status == 408);
  CHECK(Clock::now() - begun < 30s);
  is_over = true;
  dripping.join();
}

TEST_CASE("Connections: at the limit the one idle longest makes room") {
  House house(1, [](admin::ServerSetup& setup) { setup.limits.connections = 3; });
  Client first(house.port());
  CHECK(first.get("/healthz").status == 200);
  Client second(house.port());
  CHECK(second.get("/healthz").status == 200);
  Client third(house.port());
  CHECK(third.get("/healthz").status == 200);
  Client fourth(house.port());
  CHECK(fourth.get("/healthz").status == 200);
  CHECK(first.is_closed());
  CHECK(second.get("/healthz").status == 200);
}

TEST_CASE("Connections: readiness has its reasons") {
  House house(1, [](admin::ServerSetup& setup) {
    setup.readiness = [] { return admin::Readiness{false, {"draining"}}; };
  });
  Client client(house.port());
  const Client::Answer answer = client.get("/readyz");
  CHECK(answer.status == 503);
  CHECK(answer.says("\"reasons\":[\"draining\"]"));
}

TEST_CASE("Connections: at the limit who dribbles makes room") {
  House house(1, [](admin::ServerSetup& setup) {
    setup.limits.connections = 2;
    setup.limits.head = 10min;
  });
  Client first(house.port());
  first.send("GET /heal");
  Client second(house.port());
  second.send("POST /admin/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12");
  bool is_answered = false;
  for (int i = 0; i < 1000 && !is_answered; ++i) {
    Client another(house.port());
    is_answered = another.get("/healthz").status == 200;
    if (!is_answered) std::this_thread::sleep_for(50ms);
  }
  CHECK(is_answered);
}

TEST_CASE("Connections: a handshake that never ends is let go, plain HTTP is told what is spoken") {
  const lab::TemporaryFolder folder;
  const lab::Authority authority(folder);
  const lab::CertificateFiles files = authority.issue("weir", "DNS:localhost");
  House house(1, [&](admin::ServerSetup& setup) {
    setup.limits.head = 200ms;
    setup.tls = net::TlsServerContext::load({.certificate = files.certificate, .key = files.key}).value();
  });
  Client stuck(house.port());
  stuck.send("\x16\x03\x01");
  Client plain(house.port());
  const Client::Answer answer = plain.get("/healthz");
  CHECK(answer.status == 400);
  CHECK(answer.says("https://"));
  CHECK(plain.is_closed());
  CHECK(stuck.is_closed());
}

TEST_CASE("Connections: what is too large is told with the limit, which no key of the configuration changes") {
  House house(1, [](admin::ServerSetup& setup) { setup.limits.head_bytes = 20 * 1024; });
  const auto detail_for = [&](const std::string& request, int status) {
    Client client(house.port());
    client.send(request);
    const Client::Answer answer = client.answer();
    CHECK(answer.status == status);
    CHECK_FALSE(answer.says("limits."));
    return answer.body;
  };
  const std::string post = "POST /admin/performance/reset HTTP/1.1\r\nHost: localhost\r\n";
  CHECK(detail_for("GET /" + std::string(17 * 1024, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414)
            .find("the target is longer than 16KiB") != std::string::npos);
  CHECK(detail_for("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(21 * 1024, 'a') + "\r\n\r\n", 431)
            .find("the head is longer than 20KiB") != std::string::npos);
  std::string fields;
  for (int i = 0; i < 250; ++i) fields += "A: b\r\n";
  CHECK(detail_for("GET / HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n", 431)
            .find("there are more fields than 200") != std::string::npos);
  CHECK(detail_for(post + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + fields + "\r\n", 400)
            .find("there are more trailer fields than 200") != std::string::npos);
}

TEST_CASE("Connections: a head that is too long in two parts is refused when it is, not when time is up") {
  House house(1, [](admin::ServerSetup& setup) {
    setup.limits.head_bytes = 1000;
    setup.limits.head = 60s;
  });
  Client client(house.port());
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(700, 'a'));
  house.do_there([](admin::Bookkeeper&) {});
  client.send(std::string(400, 'a'));
  CHECK(client.answer().status == 431);
}
