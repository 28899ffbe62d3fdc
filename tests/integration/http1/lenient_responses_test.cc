#include "lab.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::testing;

namespace {

struct Case {
  std::string from_app;
  std::string status_line;
  std::string body;
};

/// What apps send that works bare, behind nginx and behind HAProxy.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"HTTP/1.1 200 OK\nX-A: b\nContent-Length: 5\n\nhello", "HTTP/1.1 200 OK", "hello"},
      {"HTTP/1.1 200\r\nX-A: b\r\nContent-Length: 005\r\n\r\nhello", "HTTP/1.1 200 ", "hello"},
      {"\r\n\r\nHTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK", "hello"},
      {"HTTP/1.1 103 Early Hints\nX-B: c\n\n\nHTTP/1.1 200 OK\nX-A:b\nContent-Length: 5\n\nhello", "HTTP/1.1 200 OK",
       "hello"},
      {"HTTP/1.1 200 OK\nX-A: b\nTransfer-Encoding: chunked\n\n5\nhello\n1\n!\n0\nX-Sum: 1\n\n", "HTTP/1.1 200 OK",
       "5\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n"},
      {"HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n5   \r\nhello\r\n00000000000000000001;x=1\n!\n0 "
       "    "
       "\r\n\r\n",
       "HTTP/1.1 200 OK", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"},
      {"HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 5, 05\r\n\r\nhello", "HTTP/1.1 200 OK", "hello"},
      {"HTTP/1.2  200\tO\x01K\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 O K", "hello"},
  };
  return all;
}

}  // namespace

TEST_CASE("HTTP/1: what an app sends in an odd form goes on in the canonical one, and the connection is kept") {
  for (const Case& c : cases()) {
    for (const std::size_t piece : {c.from_app.size(), std::size_t{1}}) {
      CAPTURE(c.from_app);
      CAPTURE(piece);
      Upstream upstream([&](Wire& wire, int) {
        wire.read_message();
        for (std::size_t at = 0; at < c.from_app.size(); at += piece) {
          wire.send(c.from_app.substr(at, piece));
          if (at + piece < c.from_app.size()) wire.read_for(1);
        }
        wire.read_message();
        wire.send(ok("next"));
      });
      Lab lab(upstream.port());
      Wire client = lab.client();
      client.send(get("/"));
      if (c.from_app.find(" 103 ") != std::string::npos) {
        CHECK(client.read_head().head == "HTTP/1.1 103 Early Hints\r\nX-B: c\r\n\r\n");
      }
      const Message message = client.read_message();
      CHECK(message.head.starts_with(c.status_line + "\r\nX-A: b\r\n"));
      CHECK(message.body == c.body);
      client.send(get("/next"));
      CHECK(client.read_message().body == "next");
    }
  }
}

TEST_CASE("HTTP/1: a lenient reading of Connection passes over what is no token, and does not keep the connection") {
  for (const char* value : {"Keep-Alive; timeout=15", "keep alive", "\"close\"", "timeout=5, max=100",
                            "Connection: close", "Upgrade, http/1.1", "\xE9",
                            "\x01"
                            "close"}) {
    CAPTURE(value);
    Upstream upstream([&](Wire& wire, int number) {
      wire.read_message();
      wire.send(number == 0 ? std::string("HTTP/1.1 200 OK\r\nConnection: ") + value +
                                  "\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello"
                            : ok("another connection"));
      wire.read_message();
    });
    Lab lab(upstream.port());
    Wire client = lab.client();
    client.send(get("/"));
    const Message message = client.read_message();
    CHECK(message.head.starts_with("HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 5\r\n"));
    CHECK(message.body == "hello");
    client.send(get("/next"));
    CHECK(client.read_message().body == "another connection");
  }
}

TEST_CASE("HTTP/1: control bytes in a value reach the client as they are, but for CR, LF and NUL") {
  Upstream upstream([](Wire& wire, int) {
    wire.read_message();
    wire.send(
        "HTTP/1.1 200 OK\r\nX-Echo: a\x02\x7F"
        "b\r\nContent-Length: 0\r\n\r\n");
    wire.read_message();
  });
  Lab lab(upstream.port());
  Wire client = lab.client();
  client.send(get("/"));
  CHECK(client.read_message().field("X-Echo") ==
        "a\x02\x7F"
        "b");
}

TEST_CASE("HTTP/1: octets from 0x80 up in a target reach the app unchanged") {
  for (const char* target : {"/stra\xC3\x9F"
                             "e",
                             "/a?q=\xE9\xFF", "/\x80"}) {
    Upstream upstream([](Wire& wire, int) {
      const Message request = wire.read_message();
      wire.send(ok(request.head.substr(0, request.head.find('\r'))));
      wire.read_message();
    });
    Lab lab(upstream.port());
    Wire client = lab.client();
    client.send(get(target));
    CHECK(client.read_message().body == std::string("GET ") + target + " HTTP/1.1");
  }
}
