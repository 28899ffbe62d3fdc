#include "endpoints.h"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("Endpoints: each is found by its method, HEAD as GET, and says what it allows") {
  for (const admin::Endpoint& endpoint : admin::endpoints()) {
    CHECK(admin::find_endpoint(endpoint.method, endpoint.path) == &endpoint);
    CHECK(admin::find_endpoint(Method::trace, endpoint.path) == nullptr);
  }
  CHECK(admin::find_endpoint(Method::head, "/metrics") == admin::find_endpoint(Method::get, "/metrics"));
  CHECK(admin::find_endpoint(Method::head, "/admin/performance/reset") == nullptr);
  CHECK(admin::find_endpoint(Method::get, "/assets/main.js") != nullptr);
  CHECK(admin::find_endpoint(Method::get, "/assets") == nullptr);
  CHECK(admin::find_endpoint(Method::post, "/assets/main.js") == nullptr);
  CHECK(admin::allowed_methods("/assets/main.js") == "GET, HEAD, OPTIONS");
  CHECK(admin::allowed_methods("/admin/performance/reset") == "POST, OPTIONS");
  CHECK(admin::allowed_methods("/metrics") == "GET, HEAD, OPTIONS");
  CHECK(admin::allowed_methods("/metric").empty());
}
