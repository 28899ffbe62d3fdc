#include <weir/net/endpoint.h>

#include <string>

#include <doctest/doctest.h>

using namespace weir;
using net::Endpoint;

namespace {

Endpoint parsed(std::string_view text) {
  const Result<Endpoint> result = Endpoint::parse(text);
  REQUIRE_MESSAGE(result.is_ok(), text);
  return result.value();
}

std::string refused(std::string_view text) {
  const Result<Endpoint> result = Endpoint::parse(text);
  REQUIRE_MESSAGE(!result.is_ok(), text);
  return result.error().message;
}

}  // namespace

TEST_CASE("Endpoint: host and port, a bracketed IPv6 address, a Unix socket, and back") {
  CHECK(parsed("0.0.0.0:8080") ==
        Endpoint{.kind = Endpoint::Kind::tcp, .host = "0.0.0.0", .port = 8080, .path = {}});
  CHECK(parsed("[::1]:80") == Endpoint{.kind = Endpoint::Kind::tcp, .host = "::1", .port = 80, .path = {}});
  CHECK(parsed("unix:/run/app.sock") ==
        Endpoint{.kind = Endpoint::Kind::unix_socket, .host = {}, .port = 0, .path = "/run/app.sock"});
  for (const std::string text : {"0.0.0.0:8080", "[::1]:80", "[2001:db8::7]:65535", "localhost:0",
                                 "my_app.internal:3000", "unix:/run/app.sock"}) {
    CHECK(parsed(text).to_string() == text);
  }
}

TEST_CASE("Endpoint: what is none is refused with what is wrong") {
  CHECK(refused("127.0.0.1") == "\"127.0.0.1\" has no port");
  CHECK(refused("[::1]") == "\"[::1]\" has no port");
  CHECK(refused("") == "\"\" has no port");
  CHECK(refused("host:") == "\"host:\" has no port from 0 to 65535");
  CHECK(refused("host:http") == "\"host:http\" has no port from 0 to 65535");
  CHECK(refused("host:65536") == "\"host:65536\" has no port from 0 to 65535");
  CHECK(refused("host:-1") == "\"host:-1\" has no port from 0 to 65535");
  CHECK(refused(":8080") == "\":8080\" has no host");
  CHECK(refused("::1") == "\"::1\" is an IPv6 address without brackets and port");
  CHECK(refused("1:2:3:4:5:6:7:8:80") == "\"1:2:3:4:5:6:7:8:80\" has an IPv6 address without brackets");
  CHECK(refused("[localhost]:80") == "\"[localhost]:80\" has no IPv6 address in its brackets");
  CHECK(refused("[]:80") == "\"[]:80\" has no IPv6 address in its brackets");
  CHECK(refused("256.0.0.1:80") == "\"256.0.0.1:80\" has no host that can be one");
  CHECK(refused("1.2.3:80") == "\"1.2.3:80\" has no host that can be one");
  CHECK(refused("*:80") == "\"*:80\" has no host that can be one");
  CHECK(refused("a b:80") == "\"a b:80\" has no host that can be one");
  CHECK(refused("http://a:80") == "\"http://a:80\" has no host that can be one");
  CHECK(refused("unix:app.sock") == "\"unix:app.sock\" has no absolute path");
  CHECK(refused("unix:/" + std::string(107, 'a')) == "the path of a Unix socket has at most 107 bytes, this one 108");
}

TEST_CASE("Endpoint: loopback is 127/8, ::1, localhost and Unix sockets") {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1", "[::ffff:127.0.0.1]:1",
                           "localhost:1", "LOCALHOST:1", "unix:/a"}) {
    CHECK_MESSAGE(parsed(text).is_loopback(), text);
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "128.0.0.1:1", "[::ffff:10.0.0.1]:1",
                           "localhost.example:1", "127.0.0.1.example:1"}) {
    CHECK_FALSE_MESSAGE(parsed(text).is_loopback(), text);
  }
}

TEST_CASE("Endpoint: a host is a name or an address, and never one that comes to nothing") {
  for (const char* host : {"a", "app.internal", "app.internal.", "my_app", "127.0.0.1", "::1", "2001:db8::7"}) {
    CHECK_MESSAGE(Endpoint::is_host(host), host);
  }
  for (const std::string host : {"", ".", "..", "...", ".app.internal", "app..internal", "a..", "-a", "*.internal",
                                 "127.1", "1.2.3.4.", "[::1]", "::1%lo", "a b", "a:80", "\xC3\xA4.example"}) {
    CHECK_FALSE_MESSAGE(Endpoint::is_host(host), host);
  }
  CHECK_FALSE(Endpoint::is_host(std::string("\0a", 2)));
  CHECK_FALSE(Endpoint::is_host(std::string("a\0", 2)));
  CHECK_FALSE(Endpoint::is_host(std::string("::1\0", 4)));
}
