#include <weir/net/socket_address.h>

#include <string>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

using namespace weir;
using namespace weir::net;

namespace {

Endpoint endpoint(const std::string& host, std::uint16_t port) {
  Endpoint made;
  made.kind = Endpoint::Kind::tcp;
  made.host = host;
  made.port = port;
  return made;
}

}  // namespace

TEST_CASE("SocketAddress: an IPv4 address reads as it was written") {
  for (const char* text : {"0.0.0.0", "1.2.3.4", "9.10.99.100", "127.0.0.1", "203.0.113.9", "255.255.255.255"}) {
    const SocketAddress address = SocketAddress::of_literal(endpoint(text, 8080)).value();
    CHECK(address.host() == text);
    CHECK(address.port() == 8080);
    CHECK(address.to_string() == std::string(text) + ":8080");
  }
}

TEST_CASE("SocketAddress: every octet is written as inet_ntop writes it") {
  for (unsigned octet = 0; octet < 256; ++octet) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(octet << 24 | (255 - octet) << 16 | octet << 8 | octet);
    char expected[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &v4.sin_addr, expected, sizeof expected);
    CHECK(SocketAddress(reinterpret_cast<sockaddr*>(&v4), sizeof v4).host() == expected);
  }
}

TEST_CASE("SocketAddress: IPv6 keeps its short form, and a mapped address is the IPv4 one") {
  CHECK(SocketAddress::of_literal(endpoint("2001:db8::1", 443)).value().to_string() == "[2001:db8::1]:443");
  CHECK(SocketAddress::of_literal(endpoint("::ffff:203.0.113.9", 443)).value().host() == "203.0.113.9");
}
