#include <doctest/doctest.h>

#include <vector>

#include "house.h"

using namespace weir;

namespace {

const std::string kTap = "GET /admin/performance/tap HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE("Tap: a quiet one is kept open by comments") {
  House house(1, [](admin::ServerSetup& setup) { setup.limits.comment = 20ms; });
  Client client(house.port());
  client.send(kTap);
  REQUIRE(client.answer().status == 200);
  CHECK(client.await(": requests as they finish\n\n"));
  CHECK(client.await(": still here\n\n"));
  CHECK(client.await(": still here\n\n"));
}

TEST_CASE("Tap: the end of the server is the end of a whole answer") {
  House house;
  Client client(house.port());
  client.send(kTap);
  REQUIRE(client.answer().status == 200);
  house.worker(0).finish("/orders");
  CHECK(client.await("\"path\":\"/orders\""));
  house.stop();
  CHECK(client.await("\r\n0\r\n\r\n"));
  CHECK(client.is_closed());
}

TEST_CASE("Tap: only so many at once, and one that goes away makes room") {
  House house(1);
  std::vector<std::unique_ptr<Client>> taps;
  for (int i = 0; i < 16; ++i) {
    taps.push_back(std::make_unique<Client>(house.port()));
    taps.back()->send(kTap);
    REQUIRE(taps.back()->answer().status == 200);
  }
  Client late(house.port());
  const Client::Answer refused = late.get("/admin/performance/tap");
  CHECK(refused.status == 503);
  CHECK(refused.says("all 16 taps are in use"));
  taps.pop_back();
  int status = 503;
  for (int i = 0; i < 500 && status == 503; ++i) {
    status = late.get("/admin/performance/tap").status;
    if (status == 503) std::this_thread::sleep_for(10ms);
  }
  CHECK(status == 200);
}

TEST_CASE("Tap: HEAD shows the head alone, HTTP/1.0 gets no chunks") {
  House house(1);
  Client client(house.port());
  client.send("HEAD /admin/performance/tap HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const Client::Answer head = client.answer(false);
  CHECK(head.status == 200);
  CHECK(head.head.find("Content-Type: text/event-stream\r\n") != std::string::npos);
  CHECK(head.head.find("Content-Length") == std::string::npos);
  CHECK(client.get("/healthz").status == 200);
  client.send("GET /admin/performance/tap HTTP/1.0\r\nHost: localhost\r\n\r\n");
  CHECK(client.answer().head.find("Transfer-Encoding") == std::string::npos);
  CHECK(client.await(": requests as they finish\n\n"));
}
