#include "shape.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::proto::http1;

namespace {

proxy::Plan::Upstream upstream_at(net::Endpoint address) {
  proxy::Plan::Upstream upstream;
  upstream.options.name = "app";
  upstream.options.servers.push_back({});
  upstream.options.servers.back().address = std::move(address);
  return upstream;
}

net::Endpoint tcp(std::string host, std::uint16_t port) {
  return {.kind = net::Endpoint::Kind::tcp, .host = std::move(host), .port = port, .path = {}};
}

}  // namespace

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

TEST_CASE("Shape: who brings no Host gets the first server's, the port where it is not 80") {
  auto plan = std::make_shared<proxy::Plan>();
  plan->upstreams = {
      upstream_at(tcp("127.0.0.1", 3000)), upstream_at(tcp("app.internal", 80)), upstream_at(tcp("::1", 80)),
      upstream_at(tcp("::1", 81)),
      upstream_at({.kind = net::Endpoint::Kind::unix_socket, .host = {}, .port = 0, .path = "/run/app"})};
  const Shape shape(plan);
  CHECK(shape.authorities ==
        std::vector<std::string>{"127.0.0.1:3000", "app.internal", "[::1]", "[::1]:81", "localhost"});
}
