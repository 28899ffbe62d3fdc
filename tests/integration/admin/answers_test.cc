#include <doctest/doctest.h>

#include "house.h"

using namespace weir;

TEST_CASE("Admin: a request that has ended is in the next answer") {
  House house;
  Client client(house.port());
  for (int i = 1; i <= 50; ++i) {
    house.worker(static_cast<std::size_t>(i % 2)).finish("/projects/" + std::to_string(i));
    const Client::Answer stats = client.get("/admin/performance/stats");
    REQUIRE(stats.status == 200);
    REQUIRE(stats.says("{\"total_requests\":" + std::to_string(i) + ","));
  }
  CHECK(client.get("/admin/performance/stats?route=/projects/%7Bproject_id%7D&method=get").status == 200);
}

TEST_CASE("Admin: every call answers, none may be kept by a cache") {
  House house;
  house.worker(0).finish("/slow", 200, 2s);
  house.worker(0).finish("/broken", 500);
  Client client(house.port());
  for (const char* target :
       {"/", "/healthz", "/readyz", "/metrics", "/admin/performance/stats?window=5m&sort=p95_duration",
        "/admin/performance/slow-queries?min=1.5&order=slowest", "/admin/performance/errors",
        "/admin/performance/health", "/admin/performance/metrics", "/admin/performance/routes",
        "/admin/performance/system", "/admin/performance/config"}) {
    CAPTURE(target);
    Client::Answer answer = client.get(target);
    CHECK(answer.status == 200);
    CHECK(answer.head.find("Cache-Control: no-store\r\n") != std::string::npos);
    CHECK(answer.head.find("X-Content-Type-Options: nosniff\r\n") != std::string::npos);
    CHECK(!answer.body.empty());
    CHECK(!answer.says(":nan"));
  }
  CHECK(client.get("/admin/performance/slow-queries").says("\"path\":\"/slow\""));
  CHECK(client.get("/admin/performance/errors").says("\"path\":\"/broken\""));
  CHECK(client.get("/admin/performance/config").body == R"({"config":{"workers":2}})");
}

TEST_CASE("Admin: every call refuses a parameter that it does not take, and one that is there twice") {
  House house;
  Client client(house.port());
  for (const char* call : {"GET /metrics",
                           "GET /admin/session",
                           "POST /admin/session",
                           "DELETE /admin/session",
                           "GET /admin/performance/stats",
                           "HEAD /admin/performance/stats",
                           "GET /admin/performance/slow-queries",
                           "GET /admin/performance/errors",
                           "GET /admin/performance/samples",
                           "GET /admin/performance/health",
                           "GET /admin/performance/metrics",
                           "GET /admin/performance/series",
                           "GET /admin/performance/routes",
                           "POST /admin/performance/routes",
                           "GET /admin/performance/services",
                           "GET /admin/performance/system",
                           "GET /admin/performance/config",
                           "GET /admin/performance/users",
                           "GET /admin/performance/tenants",
                           "GET /admin/performance/networks",
                           "GET /admin/performance/events",
                           "POST /admin/performance/events",
                           "GET /admin/performance/marks",
                           "POST /admin/performance/marks",
                           "GET /admin/performance/tap",
                           "GET /admin/cache/stats",
                           "POST /admin/performance/reset"}) {
    CAPTURE(call);
    const std::string text(call);
    client.send(text + "?windw=5m HTTP/1.1\r\nHost: localhost\r\nX-Weir-Request: 1\r\n\r\n");
    const bool has_body = !text.starts_with("HEAD");
    const Client::Answer unknown = client.answer(has_body);
    CHECK(unknown.status == 400);
    if (has_body) CHECK(unknown.says("windw: \\\"5m\\\" cannot be used ("));
    client.send(text +
                "?route=/a&route=/b&window=5m&window=5m HTTP/1.1\r\nHost: localhost\r\nX-Weir-Request: 1\r\n\r\n");
    CHECK(client.answer(has_body).status == 400);
  }
  CHECK(client.get("/admin/performance/stats?windw=5m").says("did you mean window? this call takes window, route,"));
  for (const char* target : {"/?v=1", "/assets/main.js?v=1&v=2", "/healthz?_=1", "/readyz?_=1&_=2"}) {
    CAPTURE(target);
    CHECK(client.get(target).status == 200);
  }
}

TEST_CASE("Admin: every call takes the parameters that it lists") {
  House house;
  house.worker(0).finish("/a", 500, 2s);
  Client client(house.port());
  const std::string subject = "route=GET%20/a&method=GET";
  const std::string window = "?window=1h&";
  for (const std::string& target :
       {"/admin/performance/stats" + window + subject + "&sort=p95_duration&limit=3",
        "/admin/performance/routes" + window + subject + "&limit=3",
        "/admin/performance/slow-queries" + window + subject +
            "&status=5xx&reason=threshold&min=1s&order=slowest&limit=3",
        "/admin/performance/errors" + window + subject + "&status=5xx&min=1s&sort=duration&limit=3",
        "/admin/performance/samples" + window + subject + "&status=5xx&min=1s&order=newest&limit=3",
        "/admin/performance/health" + window + subject, "/admin/performance/metrics" + window + subject,
        "/admin/performance/series" + window + subject, "/admin/cache/stats" + window + subject,
        "/admin/performance/services" + window, "/admin/performance/system" + window,
        "/admin/performance/users" + window + "limit=3", "/admin/performance/tenants" + window + "limit=3",
        "/admin/performance/networks" + window + "limit=3", "/admin/performance/marks" + window + "limit=3",
        "/admin/performance/events" + window + "name=a&type=counter&limit=3"}) {
    CAPTURE(target);
    const Client::Answer answer = client.get(target);
    CAPTURE(answer.body);
    CHECK(answer.status == 200);
  }
}

TEST_CASE("Admin: a reset starts from nothing, and only in its scope") {
  House house;
  Client client(house.port());
  house.worker(0).finish("/a");
  house.worker(1).finish("/b");
  client.send("POST /admin/performance/reset?route=GET%20/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.answer().says(R"({"status":"reset","timestamp":")"));
  CHECK(client.get("/admin/performance/stats").says("{\"total_requests\":1,"));
  client.send("POST /admin/performance/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  CHECK(client.answer().status == 200);
  const Client::Answer stats = client.get("/admin/performance/stats");
  CHECK(stats.says("{\"total_requests\":0,"));
  CHECK(stats.says("\"avg_duration\":null"));
  CHECK(client.get("/metrics").says("weir_requests_total{method=\"GET\",route=\"/a\",code=\"2xx\"} 1\n"));
}

TEST_CASE("Admin: a worker that does not answer is left out, and the answer says so") {
  House house;
  Client client(house.port());
  house.worker(0).finish("/a");
  house.worker(1).finish("/a");
  CHECK(client.get("/admin/performance/stats").says("{\"total_requests\":2,"));
  house.worker(1).finish("/a");
  house.worker(0).finish("/a");
  house.worker(1).fall_asleep();
  const TimePoint asked = Clock::now();
  const Client::Answer stale = client.get("/admin/performance/stats");
  CHECK(Clock::now() - asked < 30s);
  CHECK(stale.says("\"stale\":true"));
  house.worker(1).wake();
  const Client::Answer fresh = client.get("/admin/performance/stats");
  CHECK(fresh.says("{\"total_requests\":4,"));
  CHECK(!fresh.says("\"stale\""));
}

TEST_CASE("Admin: questions at one time share what the workers are asked") {
  House house(1);
  const int before = house.worker(0).questions;
  std::atomic<int> answered{0};
  house.do_there([&](admin::Bookkeeper& bookkeeper) {
    for (int i = 0; i < 1000; ++i) bookkeeper.bring_up_to_date([&](admin::Bookkeeper::Round) { ++answered; });
  });
  Client client(house.port());
  CHECK(client.get("/admin/performance/stats").status == 200);
  CHECK(answered == 1000);
  CHECK(house.worker(0).questions - before < 10);
}

TEST_CASE("Admin: a worker that has ended is asked no more, and what it held is there") {
  House house;
  house.worker(0).finish("/a");
  house.worker(0).stop();
  house.do_there([](admin::Bookkeeper& bookkeeper) { bookkeeper.worker_ended(0); });
  Client client(house.port());
  const Client::Answer stats = client.get("/admin/performance/stats");
  CHECK(stats.says("{\"total_requests\":1,"));
  CHECK(!stats.says("\"stale\""));
}

TEST_CASE("Admin: a route that was learned reaches the workers") {
  House house;
  Client client(house.port());
  house.worker(0).finish("/projects");
  client.get("/admin/performance/stats");
  const TimePoint limit = Clock::now() + 60s;
  const auto knows_it = [&] {
    const auto table = house.worker(1).table();
    return table != nullptr && table->match(Method::get, "/projects").is_matched();
  };
  while (!knows_it() && Clock::now() < limit) client.get("/admin/performance/stats");
  CHECK(knows_it());
}

TEST_CASE("Admin: letters still under way when the house closes do no harm") {
  for (int i = 0; i < 20; ++i) {
    House house(3);
    Client client(house.port());
    for (int n = 0; n < 20; ++n) client.send("GET /admin/performance/stats HTTP/1.1\r\nHost: localhost\r\n\r\n");
    if (i % 2 == 0) house.worker(1).fall_asleep();
    house.stop();
  }
}

TEST_CASE("Admin: what a worker counts under a route that has been merged goes to where that is now") {
  House house(1);
  Client client(house.port());
  // Configured after the worker has learned of `/items/17`: the pattern takes the literal over, the old table does not
  // know of it yet.
  house.worker(0).finish("/items/17");
  const TimePoint limit = Clock::now() + 60s;
  const auto knows_it = [&] {
    const auto table = house.worker(0).table();
    return table != nullptr && table->match(Method::get, "/items/17").is_matched();
  };
  while (!knows_it() && Clock::now() < limit) client.get("/admin/performance/stats");
  const auto before = house.worker(0).table();
  house.do_there([](admin::Bookkeeper& bookkeeper) {
    std::vector<route::Configured> routes;
    routes.push_back(
        {.pattern = route::Pattern::parse("/items/{id}").value(), .source = {}, .properties = {}, .file = {}});
    bookkeeper.configure(routes);
  });
  house.worker(0).finish_with(before, "/items/17");
  const Client::Answer stats = client.get("/admin/performance/stats");
  CHECK(stats.says("\"GET /items/{id}\":{\"total_requests\":2,"));
  CHECK(!stats.says("\"GET /items/17\""));
}

TEST_CASE("Admin: what is under way under a route that has been merged is under way where that is now") {
  House house(1);
  Client client(house.port());
  house.worker(0).finish("/items/first");
  const TimePoint limit = Clock::now() + 60s;
  const auto knows_it = [&] {
    const auto table = house.worker(0).table();
    return table != nullptr && table->match(Method::get, "/items/first").is_matched();
  };
  while (!knows_it() && Clock::now() < limit) client.get("/admin/performance/stats");
  const RouteId literal = house.worker(0).table()->match(Method::get, "/items/first").route;
  house.worker(0).show_under_way({{literal, Method::get, 5}});
  CHECK(client.get("/metrics").says("weir_in_flight{method=\"GET\",route=\"/items/first\"} 5\n"));
  house.do_there([](admin::Bookkeeper& bookkeeper) {
    std::vector<route::Configured> routes;
    routes.push_back(
        {.pattern = route::Pattern::parse("/items/{id}").value(), .source = {}, .properties = {}, .file = {}});
    bookkeeper.configure(routes);
  });
  // The worker's pictures go on naming the old one.
  for (int i = 0; i < 2; ++i) {
    const Client::Answer metrics = client.get("/metrics");
    CHECK(metrics.says("weir_in_flight{method=\"GET\",route=\"/items/{id}\"} 5\n"));
    CHECK(metrics.says("weir_requests_in_flight 5\n"));
    // What a scrape has shown under the old name stays there, and the new one begins at 0.
    CHECK(metrics.says("weir_requests_total{method=\"GET\",route=\"/items/first\",code=\"2xx\"} 1\n"));
    CHECK(metrics.says("weir_requests_total{method=\"GET\",route=\"/items/{id}\",code=\"2xx\"} 0\n"));
    CHECK(metrics.says("weir_all_requests_total{code=\"2xx\"} 1\n"));
  }
  CHECK(client.get("/admin/performance/stats").says("\"GET /items/{id}\":{\"total_requests\":1,"));
}
