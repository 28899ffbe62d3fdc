#include <weir/base/network.h>

#include <doctest/doctest.h>

using namespace weir;

namespace {

bool holds(std::string_view network, std::string_view address) {
  const auto parsed = Network::parse(network);
  REQUIRE(parsed.is_ok());
  const auto candidate = IpAddress::parse(address);
  REQUIRE(candidate);
  return parsed.value().holds(*candidate);
}

}  // namespace

TEST_CASE("Network: holds the addresses that begin like it") {
  CHECK(holds("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
  CHECK(holds("192.0.2.128/25", "192.0.2.128"));
  CHECK_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  CHECK(holds("0.0.0.0/0", "203.0.113.7"));
  CHECK(holds("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(holds("::/0", "2001:db8::1"));
}

TEST_CASE("Network: one address is a network of its own") {
  CHECK(holds("192.0.2.1", "192.0.2.1"));
  CHECK_FALSE(holds("192.0.2.1", "192.0.2.2"));
  CHECK(holds("::1", "::1"));
  CHECK(holds("192.0.2.1/32", "192.0.2.1"));
}

TEST_CASE("Network: an IPv4 address in IPv6 clothes is the same one") {
  CHECK(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
  CHECK(holds("::ffff:10.0.0.0/104", "10.1.2.3"));
  CHECK_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
}

TEST_CASE("Network: what is none is refused with a reason") {
  for (const char* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0/8", "10.0.0.0/8/8", "::/129",
                           "a", "10.0.0.0 /8", "[::1]", "fe80::1%eth0", "10.0.0.1/8", "10.0.0.0/-1", "10.0.0.0/+8"}) {
    CAPTURE(text);
    const auto parsed = Network::parse(text);
    REQUIRE_FALSE(parsed.is_ok());
    CHECK_FALSE(parsed.error().message.empty());
  }
  CHECK_FALSE(IpAddress::parse(std::string_view("10.0.0.1\0x", 10)));
  CHECK(Network::parse("10.1.2.3/8").error().message ==
        "\"10.1.2.3/8\" has bits set beyond its first 8: the network is 10.0.0.0/8");
}

TEST_CASE("Network: that of a client is /24 of IPv4 and /48 of IPv6") {
  CHECK(network_of("192.0.2.77") == "192.0.2.0/24");
  CHECK(network_of("::ffff:192.0.2.77") == "192.0.2.0/24");
  CHECK(network_of("2001:db8:7:8:9::1") == "2001:db8:7::/48");
  CHECK(network_of("::1") == "::/48");
  CHECK(network_of("unix:").empty());
  CHECK(network_of("").empty());
}
