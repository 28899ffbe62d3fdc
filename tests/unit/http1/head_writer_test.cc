#include "head_writer.h"

#include <string>

#include <doctest/doctest.h>

#include <weir/http/head_parser.h>

using namespace weir;
using namespace weir::proto::http1;

namespace {

std::string request_from(const std::string& text, const RequestAdditions& additions = {}) {
  const http::FieldTable table;
  http::HeadParser parser(table, {});
  REQUIRE_MESSAGE(parser.parse_request(text) == http::Parse::complete, text);
  HeadBuffer out;
  write_request_head(out, parser.request(), additions);
  return std::string(out.view());
}

std::string response_from(const std::string& text, const ResponseAdditions& additions = {}) {
  const http::FieldTable table;
  http::HeadParser parser(table, {});
  REQUIRE_MESSAGE(parser.parse_response(text, Method::get) == http::Parse::complete, text);
  HeadBuffer out;
  write_response_head(out, parser.response(), additions);
  return std::string(out.view());
}

RequestAdditions forwarding() {
  RequestAdditions additions;
  additions.client = "10.0.0.1";
  additions.scheme = "http";
  additions.host = "a:80";
  return additions;
}

constexpr const char* kForwarded = "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a:80\r\n";

}  // namespace

TEST_CASE("write_request_head: without additions and hop-by-hop fields every byte stays") {
  for (const char* text : {"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                           "QUERY //a/../b;c?d=%2f HTTP/1.1\r\nhOsT:a\r\nx-empty:\r\nX-Space:   b \t\r\nX-Twice: "
                           "1\r\nx-twice: 2\r\nX-Obs: \xE9\xFF\r\nunder_score: x\r\n\r\n",
                           "OPTIONS * HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nContent-Length: 5\r\n\r\n",
                           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nTrailer: X\r\nExpect: "
                           "100-continue\r\nProxy-Authorization: x\r\n\r\n"}) {
    CHECK(request_from(text) == text);
  }
}

TEST_CASE("write_request_head: what concerns the client's connection is left out, and nothing beside it") {
  CHECK(request_from("GET / HTTP/1.1\r\nConnection: keep-alive, X-A\r\nA: 1\r\nX-A: 2\r\nKeep-Alive: 5\r\nTE: "
                     "trailers\r\nHost: a\r\n"
                     "Proxy-Connection: close\r\nB: 3\r\n\r\n") == "GET / HTTP/1.1\r\nA: 1\r\nHost: a\r\nB: 3\r\n\r\n");
  CHECK(
      request_from(
          "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: y\r\nContent-Length: 5\r\nConnection: close\r\n\r\n") ==
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: y\r\n\r\n");
}

TEST_CASE("write_request_head: X-Forwarded-For goes on at the end of its last line, the others stay as they came") {
  CHECK(request_from("GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", forwarding()) ==
        std::string("GET / HTTP/1.1\r\nHost: a:80\r\n") + kForwarded + "\r\n");
  CHECK(request_from("GET / HTTP/1.1\r\nx-forwarded-for: 1.1.1.1, 2.2.2.2 \r\nHost: "
                     "a\r\nX-FORWARDED-FOR:3.3.3.3\r\nX-Forwarded-Proto: https\r\n"
                     "X-Forwarded-Host: b\r\n\r\n",
                     forwarding()) ==
        "GET / HTTP/1.1\r\nx-forwarded-for: 1.1.1.1, 2.2.2.2 \r\nHost: a\r\nX-FORWARDED-FOR:3.3.3.3, "
        "10.0.0.1\r\nX-Forwarded-Proto: https\r\n"
        "X-Forwarded-Host: b\r\n\r\n");
  CHECK(
      request_from(
          "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \r\nX-Forwarded-Proto: p\r\nX-Forwarded-Host: h\r\n\r\n",
          forwarding()) ==
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: p\r\nX-Forwarded-Host: h\r\n\r\n");
  CHECK(request_from("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n") ==
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n");
}

TEST_CASE("write_request_head: the cookie of a log-in at weir's page does not reach the app, all others do") {
  const auto cookies_from = [](const std::string& fields) {
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
    const std::string head = request_from(start + fields + "Accept: */*\r\n\r\n");
    REQUIRE(head.starts_with(start));
    REQUIRE(head.ends_with("Accept: */*\r\n\r\n"));
    return head.substr(start.size(), head.size() - start.size() - std::string("Accept: */*\r\n\r\n").size());
  };
  const struct {
    std::string in;
    std::string out;
  } cases[] = {
      {"Cookie: weir_session=0123\r\n", ""},
      {"Cookie: __Host-weir_session=0123\r\n", ""},
      {"Cookie: weir_session=\r\n", ""},
      {"Cookie: weir_session=0123; \r\n", ""},
      {"Cookie: ; weir_session=0123 ;;\r\n", ""},
      {"Cookie: weir_session=1; __Host-weir_session=2; weir_session=3\r\n", ""},
      {"Cookie: weir_session=0123; a=1\r\n", "Cookie: a=1\r\n"},
      {"Cookie: a=1; weir_session=0123\r\n", "Cookie: a=1\r\n"},
      {"Cookie: a=1; weir_session=0123; b=2\r\n", "Cookie: a=1; b=2\r\n"},
      {"Cookie: a=1; weir_session=1; weir_session=2; b=2\r\n", "Cookie: a=1; b=2\r\n"},
      {"Cookie: weir_session=1; weir_session=2;  b=2;\r\n", "Cookie: b=2;\r\n"},
      {"cookie:a=1;weir_session=0123;b=2\r\n", "cookie:a=1;b=2\r\n"},
      {"COOKIE:\t a=1 ;\tweir_session\t= 0123 ;  b = 2 ; c\t \r\n", "COOKIE:\t a=1 ;  b = 2 ; c\t \r\n"},
      {"Cookie: weir_session=\"01;23\"; a=\"x; y\"\r\n", "Cookie: 23\"; a=\"x; y\"\r\n"},
      {"Cookie: a=1\r\nX: y\r\nCookie: weir_session=0123\r\nCookie: b=2; weir_session=4\r\n",
       "Cookie: a=1\r\nX: y\r\nCookie: b=2\r\n"},
      // A quote that is open does not hide it: whatever page set such a cookie would be shown the log-in.
      {"Cookie: a=\"x; weir_session=0123; b=y\"\r\n", "Cookie: a=\"x; b=y\"\r\n"},
      {"Cookie: a==weir_session=1; b; =; weir_session=2\r\n", "Cookie: a==weir_session=1; b; =\r\n"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.in);
    CHECK(cookies_from(one.in) == one.out);
  }
  for (const char* kept : {"Cookie: my_weir_session=1; weir_session2=2; weir_sessions=3; weir-session=4\r\n",
                           "Cookie: Weir_Session=1; WEIR_SESSION=2\r\n", "Cookie: weir_session\r\n",
                           "Cookie: a=weir_session; b=\"weir_session=1\"\r\n", "Cookie: ;;\r\n", "Cookie:\r\n",
                           "Cookie: __host-weir_session=1; __Secure-weir_session=2\r\n",
                           "X-Cookie: weir_session=1\r\nSet-Cookie: weir_session=1\r\n"}) {
    CHECK(cookies_from(kept) == kept);
  }
}

TEST_CASE("write_request_head: the cookie of a log-in does not reach the app in a request to upgrade either") {
  CHECK(request_from("GET http://a/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: b=2; "
                     "weir_session=0\r\n\r\n") ==
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nCookie: b=2\r\nConnection: Upgrade\r\n\r\n");
}

TEST_CASE("write_request_head: an absolute target becomes a path, and its host the Host (RFC 9112 3.2.2)") {
  CHECK(request_from("GET http://b:81/x?y HTTP/1.1\r\nA: 1\r\nhost: a\r\nB: 2\r\n\r\n") ==
        "GET /x?y HTTP/1.1\r\nA: 1\r\nhost: b:81\r\nB: 2\r\n\r\n");
  CHECK(request_from("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n") == "GET / HTTP/1.1\r\nHost: b\r\n\r\n");
  CHECK(request_from("GET http://b?q HTTP/1.1\r\nHost: b\r\n\r\n") == "GET /?q HTTP/1.1\r\nHost: b\r\n\r\n");
  CHECK(request_from("OPTIONS http://b HTTP/1.1\r\nHost: b\r\n\r\n") == "OPTIONS * HTTP/1.1\r\nHost: b\r\n\r\n");
  CHECK(request_from("GET http://b/ HTTP/1.0\r\n\r\n") == "GET / HTTP/1.1\r\nHost: b\r\n\r\n");
}

TEST_CASE("write_request_head: an HTTP/1.0 request becomes 1.1 where it names a host, and none is invented") {
  CHECK(request_from("GET /a?b HTTP/1.0\r\nHost: x\r\n\r\n") == "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(request_from("GET /a HTTP/1.0\r\nA: b\r\n\r\n") == "GET /a HTTP/1.0\r\nA: b\r\n\r\n");
}

TEST_CASE("write_request_head: weir's mark comes last") {
  RequestAdditions additions;
  additions.mark = "0123456789abcdef";
  CHECK(request_from("GET / HTTP/1.1\r\nHost: a\r\nX-Weir-Hop: other\r\n\r\n", additions) ==
        "GET / HTTP/1.1\r\nHost: a\r\nX-Weir-Hop: other\r\nX-Weir-Hop: 0123456789abcdef\r\n\r\n");
}

TEST_CASE("write_request_head: the request id and the start come last, under the names that are configured") {
  RequestAdditions additions;
  additions.request_id_name = "X-Request-Id";
  additions.request_id = "42";
  additions.request_start_name = "X-Request-Start";
  additions.request_start = "t=1";
  CHECK(request_from("GET / HTTP/1.1\r\nHost: a\r\n\r\n", additions) ==
        "GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: 42\r\nX-Request-Start: t=1\r\n\r\n");
}

TEST_CASE("write_request_head: an upgrade keeps Upgrade and says Connection: Upgrade alone") {
  CHECK(request_from("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade, X-A\r\nX-A: 1\r\nUpgrade: "
                     "websocket\r\n\r\n") ==
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  CHECK(request_from("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "
                     "h2c\r\nHTTP2-Settings: a\r\n\r\n") == "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST_CASE("write_request_head: what it writes is appended") {
  const http::FieldTable table;
  http::HeadParser parser(table, {});
  REQUIRE(parser.parse_request("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == http::Parse::complete);
  HeadBuffer out;
  out.append("before");
  write_request_head(out, parser.request(), {});
  CHECK(out.view() == "beforeGET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST_CASE("write_response_head: status line, order, case, duplicates and odd values stay byte for byte") {
  for (const char* text :
       {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 299 Any  reason \xE9\r\nset-cookie: a\r\nSet-Cookie: a\r\nX:\r\n\r\n",
        "HTTP/1.1 404 \r\nDate: x\r\nServer: y\r\n\r\n",
        "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\nAlt-Svc: h3\r\nX-Accel-Redirect: /a\r\n\r\n"}) {
    CHECK(response_from(text) == text);
  }
}

TEST_CASE("write_response_head: what concerns the upstream's connection is left out") {
  CHECK(response_from("HTTP/1.1 200 OK\r\nConnection: close, X-A\r\nX-A: 1\r\nKeep-Alive: timeout=5\r\nA: "
                      "b\r\nUpgrade: h2\r\nContent-Length: 0\r\n\r\n") ==
        "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 0\r\n\r\n");
  CHECK(response_from("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nA: b\r\n\r\n") ==
        "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n");
}

TEST_CASE("write_response_head: weir's own additions come last") {
  ResponseAdditions additions;
  additions.response_time_name = "X-Response-Time";
  additions.response_time = "1.000ms";
  additions.request_id_name = "X-Request-Id";
  additions.request_id = "42";
  const std::string start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
  const std::string added = start + "X-Response-Time: 1.000ms\r\nX-Request-Id: 42\r\n";
  CHECK(response_from(start + "\r\n", additions) == added + "\r\n");
  additions.connection = ConnectionWord::close;
  CHECK(response_from(start + "\r\n", additions) == added + "Connection: close\r\n\r\n");
  additions.connection = ConnectionWord::keep_alive;
  CHECK(response_from(start + "\r\n", additions) == added + "Connection: keep-alive\r\n\r\n");
  additions.connection = ConnectionWord::upgrade;
  CHECK(response_from(start + "\r\n", additions) == added + "Connection: Upgrade\r\n\r\n");
}

TEST_CASE("write_response_head: an answer of HTTP/1.0 goes on as 1.1, its reason untouched") {
  CHECK(response_from("HTTP/1.0 404 Nope  \xE9\r\nA: b\r\n\r\n") == "HTTP/1.1 404 Nope  \xE9\r\nA: b\r\n\r\n");
}

TEST_CASE("write_response_head: a client that knows no chunks is not told of any") {
  ResponseAdditions additions;
  additions.without_transfer_encoding = true;
  CHECK(response_from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n", additions) ==
        "HTTP/1.1 200 OK\r\nA: b\r\n\r\n");
}

TEST_CASE("write_response_head: what only a response may have is written as everybody reads it") {
  CHECK(response_from("\r\n\nHTTP/1.1 200\nA:b\nC: \x01 d\x7F\r\nConnection: X\nX: 1\nE:\nContent-Length: 002\r\n\n") ==
        "HTTP/1.1 200 \r\nA: b\r\nC: \x01 d\x7F\r\nE:\r\nContent-Length: 2\r\n\r\n");
  CHECK(response_from("HTTP/1.1 200\r\n\r\n") == "HTTP/1.1 200 \r\n\r\n");
  CHECK(response_from("HTTP/1.0 404 Not  Found \n\n") == "HTTP/1.1 404 Not  Found \r\n\r\n");
  CHECK(response_from("HTTP/1.1 103 Early Hints\nLink: x\n\n") == "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  CHECK(
      response_from("HTTP/1.2 \t200\tO\x01K\x7F\r\nConnection: a b, X-A\r\nX-A: 1\r\nContent-Length: 2, 02\r\n\r\n") ==
      "HTTP/1.1 200 O K \r\nContent-Length: 2\r\n\r\n");
  CHECK(response_from("HTTP/1.1 200\t\r\n\r\n") == "HTTP/1.1 200 \r\n\r\n");
  ResponseAdditions to_old_client;
  to_old_client.without_transfer_encoding = true;
  CHECK(response_from("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", to_old_client) == "HTTP/1.1 200 OK\r\n\r\n");
}
