#include <weir/http/head_parser.h>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "reading.h"

using namespace weir;
using namespace weir::http;
using testing::Reader;
using testing::response_with;

namespace {

const ResponseHead& read(Reader& reader, std::string_view text, Method request = Method::get) {
  const Parse outcome = reader.parser.parse_response(text, request);
  REQUIRE_MESSAGE(outcome == Parse::complete, text, " -> ", reader.parser.reason());
  return reader.parser.response();
}

void check_refused(std::string_view text) {
  Reader reader;
  REQUIRE_MESSAGE(reader.parser.parse_response(text, Method::get) == Parse::refused, text);
  CHECK(reader.parser.fault() == Fault::upstream_invalid);
}

bool is_dropped(const ResponseHead& head, FieldId id) {
  const Field* field = head.find(id);
  REQUIRE(field != nullptr);
  return field->is_hop_by_hop;
}

}  // namespace

TEST_CASE("Response head: status line with any reason, an empty one or none") {
  Reader reader;
  for (const char* line : {"HTTP/1.1 200 OK", "HTTP/1.1 200 ", "HTTP/1.1 200", "HTTP/1.1 200 Two  words\t!",
                           "HTTP/1.1 200 \xE9t\xE9", "HTTP/1.0 200 OK"}) {
    const std::string text = std::string(line) + "\r\nContent-Length: 2\r\n\r\nab";
    const ResponseHead& head = read(reader, text);
    CHECK(head.status == 200);
    CHECK(head.start_line == std::string(line) + "\r\n");
    CHECK(head.raw.size() == text.size() - 2);
    CHECK(head.minor_version == (line[7] == '1' ? 1 : 0));
    CHECK(head.is_canonical == (std::string_view(line) != "HTTP/1.1 200"));
  }
  CHECK(read(reader, "HTTP/1.1 999 x\r\n\r\n").status == 999);
  CHECK(read(reader, "HTTP/1.1 599 x\r\n\r\n").status == 599);
}

TEST_CASE("Response head: what is no HTTP/1 status line is the upstream's fault") {
  for (const char* line :
       {"HTTP/2.0 200 OK",       "HTTP/0.9 200 OK",      "http/1.1 200 OK",  "HTTP/1.1 20 OK",  "HTTP/1.1 099 OK",
        "HTTP/1.1 000 OK",       "HTTP/1.1 2000 OK",     "HTTP/1.1 2x0 OK",  "HTTP/1.1 -20 OK", "HTTP/1.1 200OK",
        "HTTP/1.1 200 OK\rA: b", "HTTP/1.10 200 OK",     "HTTP/1. 200 OK",   "HTTP/1.x 200 OK", "HTTP/1.1  20 OK",
        "HTTP/1.1  2",           "HTTP/1.1 \x0B 200 OK", "HTTP/1.1200 OK  ", "HTTP/1.2 200OK",  "HTTP/1.1  099 OK",
        "HTTP/1.1 200\x01OK",    " HTTP/1.1 200 OK",     "ICY 200 OK",       "<html>",          "HTTP/1.1"}) {
    check_refused(std::string(line) + "\r\nContent-Length: 0\r\n\r\n\r\n");
  }
  check_refused(std::string("HTTP/1.1 200 O\0K\r\n\r\n", 20));
}

TEST_CASE("Response head: a body ends by length, by chunks or with the connection") {
  Reader reader;
  const ResponseHead& length = read(reader, response_with("Content-Length: 5\r\n"));
  CHECK(length.framing.kind == Framing::Kind::length);
  CHECK(length.framing.length == 5);
  CHECK(length.persists);
  CHECK(read(reader, response_with("Content-Length: 0\r\n")).framing.kind == Framing::Kind::none);
  CHECK(read(reader, response_with("Transfer-Encoding: Chunked\r\n")).framing.kind == Framing::Kind::chunked);
  const ResponseHead& until_close = read(reader, response_with(""));
  CHECK(until_close.framing.kind == Framing::Kind::until_close);
  CHECK_FALSE(until_close.persists);
  const ResponseHead& kept = read(reader, response_with("Connection: keep-alive\r\n"));
  CHECK_FALSE(kept.persists);
}

TEST_CASE("Response head: HEAD, 1xx, 204 and 304 end with the head, whatever their fields say (RFC 9112 6.3)") {
  Reader reader;
  const auto none = Framing::Kind::none;
  const ResponseHead& to_head = read(reader, response_with("Content-Length: 5\r\n"), Method::head);
  CHECK(to_head.framing.kind == none);
  CHECK(to_head.persists);
  CHECK_FALSE(is_dropped(to_head, FieldId::content_length));
  CHECK(read(reader, response_with("Transfer-Encoding: chunked\r\n"), Method::head).framing.kind == none);
  CHECK(read(reader, response_with(""), Method::head).persists);

  const ResponseHead& not_modified = read(reader, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
  CHECK(not_modified.framing.kind == none);
  CHECK_FALSE(is_dropped(not_modified, FieldId::content_length));

  for (const char* status : {"100", "103", "199", "204"}) {
    const std::string start = std::string("HTTP/1.1 ") + status + " x\r\n";
    CHECK(read(reader, start + "\r\n").framing.kind == none);
    CHECK(read(reader, start + "\r\n").persists);
    CHECK(is_dropped(read(reader, start + "Content-Length: 5\r\n\r\n"), FieldId::content_length));
    CHECK(is_dropped(read(reader, start + "Transfer-Encoding: chunked\r\n\r\n"), FieldId::transfer_encoding));
  }
}

TEST_CASE("Response head: framing that can be read in two ways is the upstream's fault") {
  for (const char* fields : {"Content-Length: 1\r\nContent-Length: 2\r\n",
                             "Content-Length: +1\r\n",
                             "Content-Length:\r\n",
                             "Content-Length: 0x1\r\n",
                             "Content-Length: 1\r\nContent-Length: 02\r\n",
                             "Content-Length: 00000000000000000009223372036854775808\r\n",
                             "Content-Length: 1, 2\r\n",
                             "Content-Length: 2, 2, 3\r\n",
                             "Content-Length: 2,\r\n",
                             "Content-Length: , 2\r\n",
                             "Content-Length: ,\r\n",
                             "Content-Length: 2,,2\r\n",
                             "Content-Length: 2 2\r\n",
                             "Content-Length: 2; 2\r\n",
                             "Content-Length: 2, +2\r\n",
                             "Content-Length: 2, 0x2\r\n",
                             "Content-Length: 9223372036854775808, 9223372036854775808\r\n",
                             "Content-Length: 2, 2\r\nContent-Length: 3\r\n",
                             "Content-Length: 2, 2\r\nTransfer-Encoding: chunked\r\n",
                             "Content-Length: 1\x01\r\n",
                             "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: gzip\r\n",
                             "Transfer-Encoding: gzip, chunked\r\n",
                             "Transfer-Encoding: chunked, chunked\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: identity\r\n",
                             "A : b\r\n",
                             " A: b\r\n",
                             "A: b\r\n c\r\n",
                             ": b\r\n",
                             "A: b\n c\r\n",
                             "A: b\rc\r\n",
                             "A: b\r\r\n",
                             "A\x01: b\r\n",
                             "Transfer-Encoding: \x01"
                             "chunked\r\n",
                             "Transfer-Encoding: chunked\x0B\r\n"}) {
    check_refused(response_with(fields));
  }
  check_refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST_CASE("Response head: lines may end in LF, all of them or some (RFC 9112 2.2)") {
  Reader reader;
  for (const char* text :
       {"HTTP/1.1 200 OK\nA: b\nContent-Length: 2\n\n", "HTTP/1.1 200 OK\nA: b\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 2\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\n",
        "HTTP/1.1 200 OK\r\nA: b \t\nContent-Length: 2\n\r\n", "HTTP/1.1 200\nA:b\nContent-Length:2\n\n"}) {
    const std::string all = std::string(text) + "ab";
    const ResponseHead& head = read(reader, all);
    CHECK_MESSAGE(head.raw == text, text);
    CHECK(head.status == 200);
    REQUIRE(head.fields.size() == 2);
    CHECK(head.fields[0].value() == "b");
    CHECK(head.framing.length == 2);
    CHECK_FALSE(head.is_canonical);
  }
  const ResponseHead& chunked = read(reader, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n");
  CHECK(chunked.framing.kind == Framing::Kind::chunked);
  CHECK(read(reader, response_with("A: b\r\n")).is_canonical);
}

TEST_CASE("Response head: a value keeps control bytes but CR, LF and NUL (RFC 9110 5.5)") {
  Reader reader;
  for (int byte = 1; byte < 0x80; byte = byte == 0x1F ? 0x7F : byte + 1) {
    if (byte == '\r' || byte == '\n' || byte == '\t') continue;
    const std::string odd(1, static_cast<char>(byte));
    for (const std::string& value : {odd + "b", "a" + odd + "b", "a" + odd, odd, odd + odd}) {
      const std::string text = response_with("A: " + value + "\r\nTransfer-Encoding: chunked\r\n");
      const ResponseHead& head = read(reader, text);
      CHECK(head.fields[0].value() == value);
      CHECK_FALSE(head.is_canonical);
    }
  }
  check_refused(response_with(std::string_view("A: a\0b\r\n", 8)));
  check_refused(response_with(std::string_view("A: a\x01\0\r\n", 8)));
}

TEST_CASE("Response head: empty lines before the status line are passed over, and are part of what was read") {
  Reader reader;
  for (const char* empty : {"\r\n", "\n", "\r\n\r\n", "\n\r\n\n"}) {
    const std::string text = std::string(empty) + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    const std::string all = text + "ab";
    const ResponseHead& head = read(reader, all);
    CHECK(head.raw == text);
    CHECK(head.start_line == "HTTP/1.1 200 OK\r\n");
    CHECK_FALSE(head.is_canonical);
    CHECK(reader.parser.parse_response(empty, Method::get) == Parse::incomplete);
  }
  for (const char* bad : {"\r", "\r\r\n", "\n\r", " \r\n"}) {
    check_refused(std::string(bad) + "HTTP/1.1 200 OK\r\n\r\n");
  }
  Reader small({.head_bytes = 60, .target_bytes = 10, .fields = 2});
  std::string many;
  for (int i = 0; i < 30; ++i) many += "\r\n";
  CHECK(small.parser.parse_response(many, Method::get) == Parse::refused);
  CHECK(small.parser.parse_response(many + "HTTP/1", Method::get) == Parse::refused);
  CHECK(small.parser.fault() == Fault::upstream_invalid);
}

TEST_CASE("Response head: zeros before a Content-Length are not part of it") {
  Reader reader;
  const auto length = [&](const char* value) {
    const std::string text = response_with(std::string("Content-Length: ") + value + "\r\n");
    const ResponseHead& head = read(reader, text);
    CHECK_FALSE(head.is_canonical);
    return std::string(head.fields[0].value());
  };
  CHECK(length("002") == "2");
  CHECK(length("00") == "0");
  CHECK(length("0000000000000000000000000000000000010") == "10");
  CHECK(read(reader, response_with("Content-Length: 08\r\n")).framing.length == 8);
  CHECK(read(reader, response_with("Content-Length: 000\r\n")).framing.kind == Framing::Kind::none);
  const ResponseHead& twice = read(reader, response_with("Content-Length: 2\r\nContent-Length: 02\r\n"));
  CHECK(twice.framing.length == 2);
  CHECK(twice.fields[1].is_hop_by_hop);
  CHECK(read(reader, response_with("Content-Length: 0\r\n")).is_canonical);
}

TEST_CASE("Response head: a Content-Length may say the same in a list (RFC 9110 8.6)") {
  Reader reader;
  for (const char* value : {"2, 2", "2,2", "2 \t,\t 2", "2, 02", "02, 2", "2, 2, 0002", "002,2"}) {
    const std::string text = response_with(std::string("Content-Length: ") + value + "\r\n");
    CAPTURE(value);
    const ResponseHead& head = read(reader, text);
    CHECK(head.framing.kind == Framing::Kind::length);
    CHECK(head.framing.length == 2);
    CHECK(head.persists);
    CHECK(head.fields[0].value() == "2");
    CHECK_FALSE(head.is_canonical);
  }
  const std::string none = response_with("Content-Length: 0, 00\r\n");
  CHECK(read(reader, none).framing.kind == Framing::Kind::none);
  CHECK(reader.parser.response().fields[0].value() == "0");
  const std::string in_two_fields = response_with("Content-Length: 2, 2\r\nContent-Length: 2\r\n");
  const ResponseHead& twice = read(reader, in_two_fields);
  CHECK(twice.framing.length == 2);
  CHECK(twice.fields[1].is_hop_by_hop);
  CHECK(read(reader, response_with("Content-Length: 5, 5\r\n"), Method::head).fields[0].value() == "5");
}

TEST_CASE("Response head: what is no token in Connection is passed over, and the connection is not kept") {
  Reader reader;
  for (const char* value : {"Keep-Alive; timeout=15", "keep alive", "\"close\"", "timeout=5, max=100",
                            "Connection: close", "Upgrade, http/1.1", "\xE9",
                            "\x01"
                            "close",
                            "keep-alive, a b", "a b, keep-alive", "=", ";", "keep-alive, \"", "close\x7F", "@"}) {
    for (const char* framing : {"Content-Length: 2\r\n", "Transfer-Encoding: chunked\r\n"}) {
      for (const char* version : {"HTTP/1.1 200 OK\r\n", "HTTP/1.0 200 OK\r\n"}) {
        if (version[7] == '0' && framing[0] == 'T') continue;
        const std::string text = std::string(version) + framing + "Connection: " + value + "\r\nX-A: b\r\n\r\n";
        CAPTURE(text);
        const ResponseHead& head = read(reader, text);
        CHECK_FALSE(head.persists);
        CHECK(is_dropped(head, FieldId::connection));
        CHECK_FALSE(head.fields[2].is_hop_by_hop);
        CHECK(head.framing.kind == (framing[0] == 'T' ? Framing::Kind::chunked : Framing::Kind::length));
      }
    }
  }
  const ResponseHead& named =
      read(reader, response_with("Connection: a b, X-A, Content-Length\r\nX-A: 1\r\nContent-Length: 2\r\n"));
  CHECK(named.fields[1].is_hop_by_hop);
  CHECK_FALSE(named.fields[2].is_hop_by_hop);
  const ResponseHead& two =
      read(reader, response_with("Connection: a b\r\nConnection: keep-alive\r\nContent-Length: 2\r\n"));
  CHECK_FALSE(two.persists);
  CHECK(read(reader, "HTTP/1.1 101 x\r\nConnection: Upgrade, http/1.1\r\nUpgrade: websocket\r\n\r\n").upgrades);
  CHECK(read(reader, response_with("Connection: , keep-alive,\r\nContent-Length: 2\r\n")).persists);
}

TEST_CASE("Response head: an odd status line that everybody reads alike is taken") {
  Reader reader;
  const auto reason_of = [&](std::string_view line, std::string_view fields) {
    const std::string text = std::string(line).append("\r\n").append(fields).append("\r\n");
    CAPTURE(text);
    // A head ends like it whatever has come of it.
    for (std::size_t size = 0; size < text.size(); ++size) {
      REQUIRE(reader.parser.parse_response(std::string_view(text).substr(0, size), Method::get) == Parse::incomplete);
    }
    const ResponseHead& head = read(reader, text);
    CHECK(head.status == 200);
    CHECK(head.minor_version == (line[7] == '0' ? 0 : 1));
    CHECK(head.start_line == std::string(line) + "\r\n");
    CHECK_FALSE(head.is_canonical);
    return std::string(head.reason);
  };
  for (const char* fields : {"Content-Length: 2\r\n", "Transfer-Encoding: chunked\r\n"}) {
    CHECK(reason_of("HTTP/1.1  200 OK", fields) == "OK");
    CHECK(reason_of("HTTP/1.1\t200 OK", fields) == "OK");
    CHECK(reason_of("HTTP/1.1 \t  200", fields).empty());
    CHECK(reason_of("HTTP/1.1 200\t", fields).empty());
    CHECK(reason_of("HTTP/1.1 200\tOK", fields) == "OK");
    CHECK(reason_of("HTTP/1.1 200 O\x01K", fields) == "O\x01K");
    CHECK(reason_of("HTTP/1.1 200 \x7F\x1B[1mOK", fields) == "\x7F\x1B[1mOK");
    CHECK(reason_of("HTTP/1.2 200 OK", fields) == "OK");
    CHECK(reason_of("HTTP/1.9  200\tNot  so \x02 bad", fields) == "Not  so \x02 bad");
  }
  CHECK(reason_of("HTTP/1.0  200 OK", "Content-Length: 2\r\n") == "OK");
  CHECK(read(reader, "HTTP/1.1  200 OK\nContent-Length: 2\n\n").framing.length == 2);
  CHECK(read(reader, "HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\n").persists);
  // Two blanks after the status are as before: the second belongs to the reason.
  CHECK(read(reader, "HTTP/1.1 200  OK\r\nContent-Length: 2\r\n\r\n").is_canonical);
  check_refused(std::string("HTTP/1.1  200 O\0K\r\n\r\n", 22));
}

TEST_CASE("Response head: limits hold for answers too") {
  const HeadLimits limits{.head_bytes = 60, .target_bytes = 10, .fields = 2};
  Reader reader(limits);
  CHECK(reader.parser.parse_response(response_with("A: b\r\nA: b\r\n"), Method::get) == Parse::complete);
  CHECK(reader.parser.parse_response(response_with("A: b\r\nA: b\r\nA: b\r\n"), Method::get) == Parse::refused);
  CHECK(reader.parser.fault() == Fault::upstream_invalid);
  CHECK(reader.parser.parse_response(response_with("A: " + std::string(60, 'b') + "\r\n"), Method::get) ==
        Parse::refused);
  CHECK(reader.parser.parse_response("HTTP/1.1 200 " + std::string(60, 'b'), Method::get) == Parse::refused);
}

TEST_CASE("Response head: 101 with Upgrade named by Connection upgrades, no other status does") {
  Reader reader;
  const ResponseHead& head = read(reader, "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  CHECK(head.upgrades);
  CHECK_FALSE(is_dropped(head, FieldId::upgrade));
  CHECK_FALSE(read(reader, "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n").upgrades);
  CHECK_FALSE(read(reader, "HTTP/1.1 101 x\r\nConnection: Upgrade\r\n\r\n").upgrades);
  const ResponseHead& ok = read(reader, response_with("Connection: Upgrade\r\nUpgrade: h2\r\nContent-Length: 0\r\n"));
  CHECK_FALSE(ok.upgrades);
  CHECK(is_dropped(ok, FieldId::upgrade));
  CHECK_FALSE(
      is_dropped(read(reader, "HTTP/1.1 426 x\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\nContent-Length: 0\r\n\r\n"),
                 FieldId::upgrade));
}
