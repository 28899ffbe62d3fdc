#include "shape.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::proto::http1;

TEST_CASE("Shape: the configured field names have ids, those turned off are nobody's") {
  auto plan = std::make_shared<proxy::Plan>();
  plan->measure.request_start_header = "X-Request-Start";
  plan->measure.request_id_header = "";
  plan->measure.user.header = "X-User-Id";
  const Shape shape(plan);
  CHECK(shape.response_time == shape.table.id_of("x-response-time"));
  CHECK(shape.response_time != http::FieldId::other);
  CHECK(shape.request_start == shape.table.id_of("X-REQUEST-START"));
  CHECK(shape.user == shape.table.id_of("x-user-id"));
  CHECK(shape.request_id == http::FieldId::other);
  CHECK(shape.tenant == http::FieldId::other);
}

TEST_CASE("Shape: limits go over as they are") {
  auto plan = std::make_shared<proxy::Plan>();
  plan->limits.header_size = 1000;
  plan->limits.uri_size = 100;
  plan->limits.header_count = 10;
  const Shape shape(plan);
  CHECK(shape.limits.head_bytes == 1000);
  CHECK(shape.limits.target_bytes == 100);
  CHECK(shape.limits.fields == 10);
}

TEST_CASE("Shape: probes are ignored paths, exact, and beginnings of user agents") {
  auto plan = std::make_shared<proxy::Plan>();
  const Shape shape(plan);
  CHECK(shape.is_probe("/health", ""));
  CHECK_FALSE(shape.is_probe("/health/", ""));
  CHECK_FALSE(shape.is_probe("/healthy", ""));
  CHECK(shape.is_probe("/", "kube-probe/1.27"));
  CHECK_FALSE(shape.is_probe("/", "not kube-probe/1.27"));
  CHECK_FALSE(shape.is_probe("/", ""));
}
