#include "head_writer.h"

#include <string>

#include <doctest/doctest.h>

#include <weir/http/head_parser.h>

using namespace weir;
using namespace weir::proto::http1;

TEST_CASE("write_request_head: forwarded fields of somebody who is not trusted are replaced, wherever they stand") {
  const http::FieldTable table;
  http::HeadParser parser(table, {});
  const std::string head =
      "GET / HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\nHost: a\r\nx-forwarded-proto: https\r\nX-Forwarded-For: "
      "5.6.7.8\r\n"
      "X-Forwarded-Host: forged\r\nX-Forwarded-Port: 1\r\n\r\n";
  REQUIRE(parser.parse_request(head) == http::Parse::complete);
  RequestAdditions additions;
  additions.client = "192.0.2.1";
  additions.scheme = "http";
  additions.host = "a";
  additions.replaces_forwarded = true;
  HeadBuffer out;
  write_request_head(out, parser.request(), additions);
  CHECK(out.view() ==
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Port: 1\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\n"
        "X-Forwarded-Host: a\r\n\r\n");
}
