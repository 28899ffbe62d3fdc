#include <weir/http/head_parser.h>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "reading.h"

using namespace weir;
using namespace weir::http;
using testing::Reader;
using testing::request_with;

namespace {

const RequestHead& read(Reader& reader, std::string_view text) {
  const Parse outcome = reader.parser.parse_request(text);
  REQUIRE_MESSAGE(outcome == Parse::complete, text, " -> ", reader.parser.reason());
  return reader.parser.request();
}

Fault refusal(std::string_view text, HeadLimits limits = {}) {
  Reader reader(limits);
  const Parse outcome = reader.parser.parse_request(text);
  REQUIRE_MESSAGE(outcome == Parse::refused, text);
  CHECK(reader.parser.reason()[0] != '\0');
  return reader.parser.fault();
}

std::string with_line(std::string_view request_line) { return std::string(request_line) + "\r\nHost: a\r\n\r\n"; }

std::vector<std::string> hop_by_hop_names(const RequestHead& head) {
  std::vector<std::string> names;
  for (const Field& field : head.fields) {
    if (field.is_hop_by_hop) names.emplace_back(field.name());
  }
  return names;
}

}  // namespace

TEST_CASE("Request head: every part is found where it stands") {
  const std::string text = "POST /a/b?c=d HTTP/1.1\r\nHost: app:81\r\nX-Two:  two words \t\r\nEmpty:\r\n\r\nbody";
  Reader reader;
  const RequestHead& head = read(reader, text);
  CHECK(head.raw == std::string_view(text).substr(0, text.size() - 4));
  CHECK(head.start_line == "POST /a/b?c=d HTTP/1.1\r\n");
  CHECK(head.method == "POST");
  CHECK(head.tag == Method::post);
  CHECK(head.target == "/a/b?c=d");
  CHECK(head.path == "/a/b");
  CHECK(head.query == "?c=d");
  CHECK(head.host == "app:81");
  CHECK(head.has_host);
  CHECK(head.minor_version == 1);
  CHECK(head.persists);
  REQUIRE(head.fields.size() == 3);
  CHECK(head.fields[1].name() == "X-Two");
  CHECK(head.fields[1].value() == "two words");
  CHECK(head.fields[1].bytes() == "X-Two:  two words \t\r\n");
  CHECK(head.fields[2].name() == "Empty");
  CHECK(head.fields[2].value().empty());
  CHECK(head.find(FieldId::host) == &head.fields[0]);
  CHECK(head.find(FieldId::te) == nullptr);
}

TEST_CASE("Request head: a parser that is used again keeps nothing of the head before") {
  Reader reader;
  read(reader,
       "GET http://x/ HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: a\r\nExpect: 100-continue\r\n"
       "Content-Length: 3\r\n\r\n");
  const RequestHead& head = read(reader, "GET /b HTTP/1.1\r\nHost: b\r\n\r\n");
  CHECK(head.persists);
  CHECK_FALSE(head.wants_upgrade);
  CHECK_FALSE(head.expects_continue);
  CHECK(head.framing.kind == Framing::Kind::none);
  CHECK(head.host == "b");
  CHECK(head.form == RequestHead::Form::origin);
}

TEST_CASE("Request head: any token is a method, known ones have their tag") {
  Reader reader;
  for (const char* method : {"GET", "QUERY", "PURGE", "FOO", "get", "M-SEARCH", "!#$%&'*+-.^_`|~0z"}) {
    const std::string text = with_line(std::string(method) + " / HTTP/1.1");
    CHECK(read(reader, text).method == method);
  }
  CHECK(read(reader, with_line("PROPFIND / HTTP/1.1")).tag == Method::propfind);
  CHECK(read(reader, with_line("get / HTTP/1.1")).tag == Method::other);
}

TEST_CASE("Request head: the target keeps its bytes, its path ends at the first question mark") {
  Reader reader;
  const std::vector<std::vector<std::string>> cases = {
      {"/", "/", ""},          {"//", "//", ""},           {"/a/../b/./", "/a/../b/./", ""},
      {"/%2F%2f", "/%2F%2f", ""}, {"/a;b=c", "/a;b=c", ""}, {"/?", "/", "?"},
      {"/a?b?c", "/a", "?b?c"}, {"/\"<>\\^`{|}", "/\"<>\\^`{|}", ""}, {"/%zz", "/%zz", ""}};
  for (const auto& c : cases) {
    const std::string text = with_line("GET " + c[0] + " HTTP/1.1");
    const RequestHead& head = read(reader, text);
    CHECK(head.target == c[0]);
    CHECK(head.path == c[1]);
    CHECK(head.query == c[2]);
    CHECK(head.form == RequestHead::Form::origin);
  }
}

TEST_CASE("Request head: an absolute target brings its own host (RFC 9112 3.2.2)") {
  Reader reader;
  struct Case {
    const char* target;
    const char* host;
    const char* path;
    const char* query;
  };
  for (const Case& c : {Case{"http://b/x?y", "b", "/x", "?y"}, Case{"http://b:8080", "b:8080", "/", ""},
                        Case{"HTTPS://B/", "B", "/", ""}, Case{"http://[::1]:80/x", "[::1]:80", "/x", ""},
                        Case{"http://b?q=/", "b", "/", "?q=/"}, Case{"http://a%20b/", "a%20b", "/", ""}}) {
    const std::string text = with_line(std::string("GET ") + c.target + " HTTP/1.1");
    const RequestHead& head = read(reader, text);
    CHECK(head.form == RequestHead::Form::absolute);
    CHECK(head.host == c.host);
    CHECK(head.path == c.path);
    CHECK(head.query == c.query);
    CHECK(head.target == c.target);
  }
  CHECK(read(reader, with_line("OPTIONS http://b HTTP/1.1")).path == "*");
  CHECK(read(reader, with_line("OPTIONS http://b/ HTTP/1.1")).path == "/");
}

TEST_CASE("Request head: the asterisk belongs to OPTIONS, CONNECT is not offered") {
  Reader reader;
  const std::string text = with_line("OPTIONS * HTTP/1.1");
  const RequestHead& head = read(reader, text);
  CHECK(head.form == RequestHead::Form::asterisk);
  CHECK(head.path == "*");
  CHECK(head.query.empty());
  CHECK(refusal(with_line("GET * HTTP/1.1")) == Fault::bad_request);
  CHECK(refusal(with_line("CONNECT a:80 HTTP/1.1")) == Fault::not_implemented);
  CHECK(refusal(with_line("CONNECT / HTTP/1.1")) == Fault::not_implemented);
}

TEST_CASE("Request head: a target that is no path and no http URI is refused") {
  for (const char* target : {"a", "a/b", "ftp://a/", "://a/", "http:/a", "http://", "http:///x", "http://:80/",
                             "http://a b", "http://u@a/", "http://a:x/", "http://a:65536/", "http://[::1/",
                             "http://::1/", "?q", "**", "http://a%2/", "http://[v1.!\"]/", "http://[]/"}) {
    CHECK_MESSAGE(refusal(with_line(std::string("GET ") + target + " HTTP/1.1")) == Fault::bad_request, target);
  }
}

TEST_CASE("Request head: a request line is a token, one space, a target, one space, the version, CRLF") {
  const std::vector<std::string> lines = {"GET  / HTTP/1.1",
                                          "GET /  HTTP/1.1",
                                          " GET / HTTP/1.1",
                                          "GET / HTTP/1.1 ",
                                          "GET\t/ HTTP/1.1",
                                          "GET /\tHTTP/1.1",
                                          "GET /",
                                          "GET / http/1.1",
                                          "GET / HTTP/1",
                                          "GET / HTTP/1.",
                                          "GET / HTTP/1.11",
                                          "GET / HTTP/11.1",
                                          "GET / HTTP/x.1",
                                          "GET / HTTP /1.1",
                                          "GET / XTTP/1.1",
                                          "GE(T / HTTP/1.1",
                                          "G\xC3\xA9T / HTTP/1.1",
                                          "GET /a#b HTTP/1.1",
                                          "GET /\x01 HTTP/1.1",
                                          "GET /\x7F HTTP/1.1",
                                          "GET /a b HTTP/1.1",
                                          " / HTTP/1.1",
                                          "GET HTTP/1.1"};
  for (const std::string& line : lines) CHECK_MESSAGE(refusal(with_line(line)) == Fault::bad_request, line);
  CHECK(refusal(std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 29)) == Fault::bad_request);
  CHECK(refusal("GET / HTTP/1.1\nHost: a\r\n\r\n") == Fault::bad_request);
  CHECK(refusal("GET / HTTP/1.1\rHost: a\r\n\r\n") == Fault::bad_request);
  CHECK(refusal("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") == Fault::bad_request);
}

TEST_CASE("Request head: octets from 0x80 belong to path and query as they came, and to nothing else") {
  Reader reader;
  for (const char* target :
       {"/\x80",
        "/stra\xC3\x9F"
        "e",
        "/a?q=\xFF", "/\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9?\xE9", "http://a/\xE9"}) {
    for (const char* fields : {"", "Transfer-Encoding: chunked\r\n", "Connection: Upgrade\r\nUpgrade: websocket\r\n"}) {
      const std::string text = std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
      CHECK(read(reader, text).target == target);
    }
  }
  for (const char* target : {"\xC3\xA9", "http://\xC3\xA9/", "http://a\x80/", "h\xE9ttp://a/", "*\x80"}) {
    CHECK_MESSAGE(refusal(with_line(std::string("GET ") + target + " HTTP/1.1")) == Fault::bad_request, target);
  }
  CHECK(refusal(with_line("GET / HTTP/1.1\x80")) == Fault::bad_request);
  CHECK(refusal(with_line("GET /\x80#\x80 HTTP/1.1")) == Fault::bad_request);
}

TEST_CASE("Request head: another version is refused as such") {
  for (const char* version : {"HTTP/1.2", "HTTP/1.9", "HTTP/0.9", "HTTP/2.0", "HTTP/3.0", "HTTP/0.0"}) {
    CHECK_MESSAGE(refusal(with_line(std::string("GET / ") + version)) == Fault::version_not_supported, version);
  }
}

TEST_CASE("Request head: a field line is a token, a colon, a clean value, CRLF") {
  for (const char* line : {"A : b\r\n", " A: b\r\n", "\tA: b\r\n", "A\r\n", ": b\r\n", "A B: c\r\n", "A: b\nC: d\r\n",
                           "A: b\rC: d\r\n", "A: b\x01\r\n", "A: b\x7F\r\n", "A(: b\r\n", "A\x80: b\r\n",
                           "A: b\r\n c\r\n", "A: b\r\n\tc\r\n", "A: b\r\r\n"}) {
    CHECK_MESSAGE(refusal(request_with(line)) == Fault::bad_request, line);
  }
  CHECK(refusal(request_with(std::string_view("A: b\0c\r\n", 8))) == Fault::bad_request);
  CHECK(refusal("GET / HTTP/1.1\r\nHost: a\r\n\n") == Fault::bad_request);
  CHECK(refusal("GET / HTTP/1.1\r\nHost: a\r\n\rx") == Fault::bad_request);
  Reader reader;
  for (const char* line : {"A:b\r\n", "A:\r\n", "A: \t \r\n", "a_b: c\r\n", "A: \xFF\x80\r\n", "A: b\tc\r\n",
                           "A: :,;\"\r\n", "A: 1\r\nA: 2\r\na: 1\r\n"}) {
    read(reader, request_with(line));
  }
}

TEST_CASE("Request head: HTTP/1.1 needs exactly one valid Host, HTTP/1.0 none") {
  CHECK(refusal("GET / HTTP/1.1\r\n\r\n") == Fault::bad_request);
  CHECK(refusal("GET http://a/ HTTP/1.1\r\n\r\n") == Fault::bad_request);
  CHECK(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n") == Fault::bad_request);
  CHECK(refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n") == Fault::bad_request);
  for (const char* host :
       {"a b",  "a/b", "a@b", "a:b",  "a:80:81",  "a:65536",   "::1",  "[::1", "[::1]x", "[::g]", "a\x80",
        "a\\b", "a%",  "a%2", "a%zz", "[v1.a b]", "[v1.\xFF]", "[vx]", "[]",   "a?b",    "a#b"}) {
    CHECK_MESSAGE(refusal(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n") == Fault::bad_request, host);
  }
  Reader reader;
  for (const char* host : {"", "a", "a:", "a:80", "127.0.0.1:8080", "[::1]", "[::1]:80", "[::ffff:1.2.3.4]",
                           "[v1.fe80::a]", "a_b.c", "a%20b", "a,b"}) {
    const std::string text = std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n";
    CHECK(read(reader, text).host == host);
  }
  const RequestHead& old = read(reader, "GET / HTTP/1.0\r\n\r\n");
  CHECK_FALSE(old.has_host);
  CHECK(old.host.empty());
  CHECK(old.minor_version == 0);
}

TEST_CASE("Request head: limits are for the whole head, the target and the number of fields") {
  const HeadLimits limits{.head_bytes = 100, .target_bytes = 20, .fields = 3};
  const auto of_size = [](std::size_t size) {
    std::string text = "GET / HTTP/1.1\r\nHost: a\r\nA: ";
    text.append(size - text.size() - 4, 'x').append("\r\n\r\n");
    return text;
  };
  Reader reader(limits);
  read(reader, of_size(100));
  CHECK(refusal(of_size(101), limits) == Fault::header_too_large);
  CHECK(reader.parser.parse_request(of_size(101).substr(0, 99)) == Parse::incomplete);
  CHECK(reader.parser.parse_request(of_size(101).substr(0, 100)) == Parse::refused);
  CHECK(reader.parser.fault() == Fault::header_too_large);

  const std::string longest = with_line("GET /" + std::string(19, 'a') + " HTTP/1.1");
  read(reader, longest);
  CHECK(refusal(with_line("GET /" + std::string(20, 'a') + " HTTP/1.1"), limits) == Fault::uri_too_long);
  CHECK(refusal("GET /" + std::string(20, 'a'), limits) == Fault::uri_too_long);

  const std::string most = "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nA: b\r\n\r\n";
  CHECK(read(reader, most).fields.size() == 3);
  CHECK(refusal("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nA: b\r\nA: b\r\n\r\n", limits) == Fault::header_too_large);
}

TEST_CASE("Request head: a method longer than anybody's is refused, however it comes in") {
  const std::string method(257, 'M');
  Reader reader;
  read(reader, with_line(std::string(256, 'M') + " / HTTP/1.1"));
  CHECK(refusal(with_line(method + " / HTTP/1.1")) == Fault::bad_request);
  CHECK(refusal(method) == Fault::bad_request);
}

TEST_CASE("Request head: framing is Content-Length once and plain, or exactly chunked, never both") {
  Reader reader;
  const auto framing = [&](const char* fields) { return read(reader, request_with(fields)).framing; };
  CHECK(framing("").kind == Framing::Kind::none);
  CHECK(framing("Content-Length: 0\r\n").kind == Framing::Kind::none);
  CHECK(framing("Content-Length: 17\r\n").kind == Framing::Kind::length);
  CHECK(framing("Content-Length: 17\r\n").length == 17);
  CHECK(framing("content-length:9223372036854775807\r\n").length == 9223372036854775807U);
  CHECK(framing("Transfer-Encoding: chunked\r\n").kind == Framing::Kind::chunked);
  CHECK(framing("transfer-encoding:\tCHUNKED \r\n").kind == Framing::Kind::chunked);
  for (const char* fields : {"Content-Length: +1\r\n",
                             "Content-Length: -1\r\n",
                             "Content-Length: 01\r\n",
                             "Content-Length: 00\r\n",
                             "Content-Length:\r\n",
                             "Content-Length: 1, 1\r\n",
                             "Content-Length: 0x1\r\n",
                             "Content-Length: 1 1\r\n",
                             "Content-Length: 1e1\r\n",
                             "Content-Length: 9223372036854775808\r\n",
                             "Content-Length: 18446744073709551617\r\n",
                             "Content-Length: 1\r\nContent-Length: 2\r\n",
                             "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding:\r\n",
                             "Transfer-Encoding: \"chunked\"\r\n",
                             "Transfer-Encoding: chunked;a=b\r\n",
                             "Transfer-Encoding: ch unked\r\n",
                             "Transfer-Encoding: \x0B"
                             "chunked\r\n"}) {
    CHECK_MESSAGE(refusal(request_with(fields)) == Fault::bad_request, fields);
  }
  for (const char* coding : {"gzip", "identity", "gzip, chunked", "chunked, identity", ",chunked", "chunked,",
                             "chunked, chunked", "xchunked"}) {
    CHECK_MESSAGE(refusal(request_with(std::string("Transfer-Encoding: ") + coding + "\r\n")) == Fault::not_implemented,
                  coding);
  }
  CHECK(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == Fault::bad_request);
}

TEST_CASE("Request head: the same Content-Length again is not passed on") {
  Reader reader;
  const RequestHead& head = read(reader, request_with("Content-Length: 5\r\nContent-Length: 5\r\n"));
  CHECK(head.framing.length == 5);
  CHECK_FALSE(head.fields[1].is_hop_by_hop);
  CHECK(head.fields[2].is_hop_by_hop);
}

TEST_CASE("Request head: the connection persists as version and Connection say") {
  Reader reader;
  const auto persists = [&](const char* version, const char* connection) {
    return read(reader, std::string("GET / HTTP/") + version + "\r\nHost: a\r\n" + connection + "\r\n").persists;
  };
  CHECK(persists("1.1", ""));
  CHECK_FALSE(persists("1.1", "Connection: Close\r\n"));
  CHECK_FALSE(persists("1.1", "Connection: keep-alive\r\nConnection: a,close\r\n"));
  CHECK(persists("1.1", "Connection: keep-alive\r\n"));
  CHECK_FALSE(persists("1.0", ""));
  CHECK(persists("1.0", "Connection: Keep-Alive\r\n"));
  CHECK_FALSE(persists("1.0", "Connection: keep-alive, close\r\n"));
}

TEST_CASE("Request head: what concerns one connection is marked, and nothing else") {
  Reader reader;
  CHECK(hop_by_hop_names(
            read(reader, request_with("Keep-Alive: 5\r\nTE: trailers\r\nProxy-Connection: close\r\nTrailer: a\r\n"
                                      "Proxy-Authorization: a\r\nX: y\r\n"))) ==
        std::vector<std::string>{"Keep-Alive", "TE", "Proxy-Connection"});
  CHECK(hop_by_hop_names(
            read(reader, request_with("X-A: 1\r\nConnection: x-a, , X-B,\r\nX-B: 2\r\nX-C: 3\r\nx-b: 4\r\n"))) ==
        std::vector<std::string>{"X-A", "Connection", "X-B", "x-b"});
  CHECK(hop_by_hop_names(read(
            reader, request_with("Connection: host, content-length, transfer-encoding, x-forwarded-for, "
                                 "x-forwarded-proto, x-forwarded-host\r\nContent-Length: 1\r\nX-Forwarded-For: a\r\n"
                                 "X-Forwarded-Proto: b\r\nX-Forwarded-Host: c\r\n"))) ==
        std::vector<std::string>{"Connection"});
  for (const char* value : {"a b", "\"a\"", "a;b", "(a)", "a/b"}) {
    CHECK_MESSAGE(refusal(request_with(std::string("Connection: ") + value + "\r\n")) == Fault::bad_request, value);
  }
}

TEST_CASE("Request head: a configured field cannot be taken away by Connection") {
  Reader reader;
  reader.table.add("X-Request-Id");
  CHECK(hop_by_hop_names(read(reader, request_with("Connection: x-request-id\r\nX-Request-Id: a\r\n"))) ==
        std::vector<std::string>{"Connection"});
}

TEST_CASE("Request head: an upgrade needs Upgrade, Connection: upgrade and HTTP/1.1, and is never h2c") {
  Reader reader;
  const RequestHead& head = read(reader, request_with("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"));
  CHECK(head.wants_upgrade);
  CHECK_FALSE(head.fields[2].is_hop_by_hop);

  const auto is_dropped = [&](const std::string& text) {
    const RequestHead& refused = read(reader, text);
    CHECK_FALSE(refused.wants_upgrade);
    for (const Field& field : refused.fields) {
      if (field.id == FieldId::upgrade || field.id == FieldId::http2_settings) CHECK(field.is_hop_by_hop);
    }
  };
  is_dropped(request_with("Upgrade: websocket\r\n"));
  is_dropped(request_with("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"));
  is_dropped(request_with("Connection: Upgrade\r\nUpgrade: websocket, H2C\r\n"));
  is_dropped(request_with("Connection: Upgrade\r\nUpgrade: h2c/1\r\n"));
  is_dropped(request_with("Connection: Upgrade\r\nUpgrade: a\r\nUpgrade: b\r\n"));
  is_dropped("GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  CHECK_FALSE(read(reader, request_with("Connection: Upgrade\r\n")).wants_upgrade);
}

TEST_CASE("Request head: Expect is read from HTTP/1.1 alone and goes on") {
  Reader reader;
  const RequestHead& head = read(reader, request_with("Expect: 100-Continue\r\nContent-Length: 1\r\n"));
  CHECK(head.expects_continue);
  CHECK_FALSE(head.fields[1].is_hop_by_hop);
  CHECK_FALSE(read(reader, "PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").expects_continue);
  CHECK_FALSE(read(reader, request_with("Expect: something\r\n")).expects_continue);
}

TEST_CASE("Request head: chunked bodies pass llhttp with any method and any form of target") {
  Reader reader;
  for (const char* start :
       {"POST /", "FOO /", "QUERY /a?b", "OPTIONS *", "PUT http://a/b", "PUT http://[::1]:80", "GET /\"<>^`{|}"}) {
    const std::string text = std::string(start) + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(read(reader, text).framing.kind == Framing::Kind::chunked);
  }
}
