#include "front_page.h"

#include <doctest/doctest.h>

#include "endpoints.h"

using namespace weir;

TEST_CASE("Front page: what comes from outside is escaped") {
  auto view = std::make_shared<stats::View>();
  stats::Record record;
  record.status = 200;
  record.duration_ns = 5'000'000;
  stats::SeriesView series;
  series.route = RouteId(1);
  series.method = Method::get;
  series.figures.add(record);
  view->total.add(record);
  view->series.push_back(series);
  auto legend = std::make_shared<exporter::Legend>();
  legend->routes = {{}, {"/<script>alert('x')&\"", "", Nanos(0)}};
  const std::string html = admin::front_page_html({{view, legend, {}, false}, {}, "0.1.0"});
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("GET /&lt;script&gt;alert(&#39;x&#39;)&amp;&quot;<td align=right>1") != std::string::npos);
  CHECK(html.find("5.0 ms") != std::string::npos);
}

TEST_CASE("Endpoints: each is found by its method, HEAD as GET, and says what it allows") {
  for (const admin::Endpoint& endpoint : admin::endpoints()) {
    CHECK(admin::find_endpoint(endpoint.method, endpoint.path) == &endpoint);
    CHECK(admin::find_endpoint(Method::trace, endpoint.path) == nullptr);
  }
  CHECK(admin::find_endpoint(Method::head, "/metrics") == admin::find_endpoint(Method::get, "/metrics"));
  CHECK(admin::find_endpoint(Method::head, "/admin/performance/reset") == nullptr);
  CHECK(admin::allowed_methods("/admin/performance/reset") == "POST, OPTIONS");
  CHECK(admin::allowed_methods("/metrics") == "GET, HEAD, OPTIONS");
  CHECK(admin::allowed_methods("/metric").empty());
}
