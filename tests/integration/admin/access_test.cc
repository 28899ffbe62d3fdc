#include <doctest/doctest.h>

#include "house.h"

using namespace weir;
using admin::Grant;

namespace {

void with_token(admin::ServerSetup& setup) {
  setup.options.tokens = {{"first-token", "first", Grant::admin}, {"second", "", Grant::viewer}};
}

}  // namespace

TEST_CASE("Access: a token opens everything, its absence all but the probes") {
  House house(1, with_token);
  Client client(house.port());
  for (const char* closed : {"/metrics", "/admin/performance/stats", "/nothing"}) {
    const Client::Answer answer = client.get(closed);
    CHECK(answer.status == 401);
    CHECK(answer.head.find("WWW-Authenticate: Bearer") != std::string::npos);
  }
  // The page shows nothing until somebody has logged in with it.
  CHECK(client.get("/").status == 200);
  CHECK(client.get("/assets/main.js").status == 200);
  CHECK(client.get("/assets/nothing.js").status == 404);
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

TEST_CASE("Access: a page logs in once, and its cookie opens what the token does until it logs out") {
  House house(1, with_token);
  Client client(house.port());
  CHECK(client.get("/admin/session")
            .says(R"({"required":true,"authenticated":false,"role":null,"name":null,"expires":null})"));
  CHECK(client.post("/admin/session", "", R"({"token":"first-token"})").status == 204);
  const Client::Answer login = client.post("/admin/session", "Authorization: Bearer first-token\r\n");
  CHECK(login.status == 204);
  const std::string cookie = login.cookie();
  CHECK(cookie.size() > 64);
  const Client::Answer seen = client.get("/admin/session", cookie);
  CHECK(seen.says(R"("authenticated":true,"role":"admin","name":"first","expires":"2)"));
  CHECK(client.get("/admin/performance/stats", cookie).status == 200);
  CHECK(client.post("/admin/performance/reset", cookie).status == 403);
  CHECK(client.post("/admin/performance/reset", cookie + "X-Weir-Request: 1\r\n").status == 200);
  CHECK(client.call("DELETE", "/admin/session", cookie).status == 403);
  const Client::Answer logout = client.call("DELETE", "/admin/session", cookie + "X-Weir-Request: 1\r\n");
  CHECK(logout.status == 204);
  CHECK(logout.head.find("Max-Age=0") != std::string::npos);
  CHECK(client.get("/admin/performance/stats", cookie).status == 401);
}

TEST_CASE("Access: a log-in with the wrong token, or none, is none") {
  House house(1, with_token);
  Client client(house.port());
  CHECK(client.post("/admin/session").status == 401);
  CHECK(client.post("/admin/session", "", R"({"token":"wrong"})").status == 401);
  for (const char* broken : {"first-token", "{", R"({"token":""})", R"({"token":"a","b":1})", R"({"token":1})",
                             R"({"password":"first-token"})", R"(["first-token"])"}) {
    CAPTURE(broken);
    CHECK(client.post("/admin/session", "", broken).status == 400);
  }
  CHECK(client.get("/admin/session", "X-API-Key: wrong\r\n").status == 401);
  CHECK(client.post("/admin/session", "Origin: http://evil.example\r\n", R"({"token":"first-token"})").status == 403);
}

TEST_CASE("Access: who is not known may not send much") {
  House house(1, with_token);
  Client client(house.port());
  CHECK(client.post("/admin/session", "", std::string(20'000, ' ')).status == 413);
}

TEST_CASE("Access: a viewer changes nothing, through the page neither") {
  House house(1, with_token);
  Client client(house.port());
  CHECK(client.post("/admin/performance/reset", "X-API-Key: second\r\n").status == 403);
  const std::string cookie = client.post("/admin/session", "X-API-Key: second\r\n").cookie();
  CHECK(client.get("/admin/session", cookie).says(R"("role":"viewer","name":"tokens[1]")"));
  CHECK(client.post("/admin/performance/reset", cookie + "X-Weir-Request: 1\r\n").status == 403);
}

TEST_CASE("Access: where no credential is configured there is nothing to log in to") {
  House house(1);
  Client client(house.port());
  CHECK(client.get("/admin/session")
            .says(R"({"required":false,"authenticated":false,"role":"admin","name":null,"expires":null})"));
  CHECK(client.post("/admin/session", "", R"({"token":"any"})").status == 409);
}

TEST_CASE("Access: a browser that asks for another site is told no") {
  House house(1, with_token);
  Client client(house.port());
  const Client::Answer answer = client.call("OPTIONS", "/admin/performance/reset",
                                            "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n");
  CHECK(answer.status == 403);
  CHECK(answer.head.find("Access-Control-Allow") == std::string::npos);
}
