#include <doctest/doctest.h>

#include "house.h"

using namespace weir;

namespace {

void with_token(admin::ServerSetup& setup) { setup.options.tokens = {"first-token", "second"}; }

}  // namespace

TEST_CASE("Access: a token opens everything, its absence all but the probes") {
  House house(1, with_token);
  Client client(house.port());
  for (const char* closed : {"/", "/metrics", "/admin/performance/stats", "/nothing"}) {
    const Client::Answer answer = client.get(closed);
    CHECK(answer.status == 401);
    CHECK(answer.head.find("WWW-Authenticate: Bearer") != std::string::npos);
  }
  CHECK(client.get("/healthz").status == 200);
  CHECK(client.get("/readyz").status == 200);
  CHECK(client.get("/metrics", "Authorization: Bearer second\r\n").status == 200);
  CHECK(client.get("/metrics", "authorization: bearer first-token\r\n").status == 200);
  CHECK(client.get("/metrics", "X-API-Key: second\r\n").status == 200);
  CHECK(client.get("/metrics", "X-API-Key: secon\r\n").status == 401);
  client.send("POST /admin/performance/reset HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.answer().status == 401);
}

TEST_CASE("Access: without a token a foreign name is not answered") {
  House house(1);
  Client client(house.port());
  for (const char* own : {"localhost", "localhost:9900", "127.0.0.1:9900", "[::1]:9900", "10.1.2.3"}) {
    client.send(std::string("GET /metrics HTTP/1.1\r\nHost: ") + own + "\r\n\r\n");
    CHECK(client.answer().status == 200);
  }
  client.send("GET /metrics HTTP/1.1\r\nHost: rebind.example:9900\r\n\r\n");
  CHECK(client.answer().status == 421);
  client.send("GET /healthz HTTP/1.1\r\nHost: weir.internal\r\n\r\n");
  CHECK(client.answer().status == 200);
}

TEST_CASE("Access: a page of another site resets nothing") {
  House house(1);
  Client client(house.port());
  const std::string reset = "POST /admin/performance/reset HTTP/1.1\r\nHost: localhost:9900\r\n";
  client.send(reset + "Origin: http://evil.example\r\n\r\n");
  CHECK(client.answer().status == 403);
  client.send(reset + "Origin: http://localhost:9900\r\n\r\n");
  CHECK(client.answer().status == 200);
}
