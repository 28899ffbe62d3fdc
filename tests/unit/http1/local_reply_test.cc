#include "local_reply.h"

#include <string>

#include <doctest/doctest.h>

#include <weir/http/head_parser.h>

using namespace weir;
using namespace weir::proto::http1;

namespace {

std::string written(const LocalReply& reply) {
  std::string out;
  write_local_reply(out, reply);
  return out;
}

}  // namespace

TEST_CASE("write_local_reply: a problem document, marked as weir's own") {
  const LocalReply reply{.fault = Fault::connect_failed,
                         .detail = "no \"app\"",
                         .request_id = "42",
                         .response_time_name = "X-Response-Time",
                         .response_time = "0.100ms"};
  const std::string body =
      "{\"type\":\"about:blank\",\"title\":\"Bad Gateway\",\"status\":502,\"detail\":\"no "
      "\\\"app\\\"\",\"request_id\":\"42\"}\n";
  CHECK(written(reply) ==
        "HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/problem+json\r\nContent-Length: " +
            std::to_string(body.size()) +
            "\r\nCache-Control: no-store\r\nX-Weir-Error: connect_failed\r\nX-Response-Time: 0.100ms\r\n"
            "Connection: close\r\n\r\n" +
            body);
}

TEST_CASE("write_local_reply: every fault that has a status gives an answer that the guard lets through") {
  const http::FieldTable table;
  for (std::size_t i = 0; i < count_of<Fault>(); ++i) {
    const auto fault = static_cast<Fault>(i);
    if (status_of(fault) == 0) continue;
    http::HeadParser parser(table, {});
    const std::string text =
        written({.fault = fault, .detail = "why", .request_id = {}, .response_time_name = {}, .response_time = {}});
    REQUIRE(parser.parse_response(text, Method::get) == http::Parse::complete);
    CHECK(parser.response().status == status_of(fault));
    CHECK(parser.response().framing.length == text.size() - parser.response().raw.size());
    CHECK(text.find("X-Weir-Error: " + std::string(label(fault)) + "\r\n") != std::string::npos);
    CHECK(text.find("\"request_id\":null") != std::string::npos);
    CHECK(reason_phrase(status_of(fault)) != "Error");
  }
}

TEST_CASE("write_local_reply: to HEAD it has the same head and no body") {
  LocalReply reply{
      .fault = Fault::no_route, .detail = "why", .request_id = "1", .response_time_name = {}, .response_time = {}};
  const std::string to_get = written(reply);
  reply.is_head_request = true;
  CHECK(written(reply) == to_get.substr(0, to_get.find("\r\n\r\n") + 4));
}

TEST_CASE("write_local_reply: Connection says what becomes of it, where that is not plain") {
  LocalReply reply{
      .fault = Fault::no_route, .detail = "why", .request_id = {}, .response_time_name = {}, .response_time = {}};
  reply.closes = false;
  CHECK(written(reply).find("Connection:") == std::string::npos);
  reply.is_http10_keep_alive = true;
  CHECK(written(reply).find("\r\nConnection: keep-alive\r\n") != std::string::npos);
  reply.closes = true;
  CHECK(written(reply).find("\r\nConnection: close\r\n") != std::string::npos);
}

TEST_CASE("write_local_reply: a request id that holds anything stays inside its JSON string") {
  const std::string text = written({.fault = Fault::bad_request,
                                    .detail = "why",
                                    .request_id = "a\"},\"\\\xFF\t",
                                    .response_time_name = {},
                                    .response_time = {}});
  CHECK(text.find("\"request_id\":\"a\\\"},\\\"\\\\") != std::string::npos);
}
