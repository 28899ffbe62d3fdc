#include <weir/proxy/proxy_header.h>

#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace std::string_literals;
using weir::proxy::parse_proxy_header;
using weir::proxy::ProxyHeader;
using Parse = ProxyHeader::Parse;

namespace {

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string binary(int version_and_command, int family_and_transport, const std::string& rest) {
  std::string header = kSignature;
  header += static_cast<char>(version_and_command);
  header += static_cast<char>(family_and_transport);
  header += static_cast<char>(rest.size() >> 8);
  header += static_cast<char>(rest.size() & 0xff);
  return header + rest;
}

const std::string kV4 = "\xc0\x00\x02\x01\xc6\x33\x64\x01\xdc\x04\x01\xbb"s;  // 192.0.2.1 to 198.51.100.1, ports
const std::string kV6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01"s + "\x20\x01\x0d\xb8"s +
                        std::string(11, '\0') + "\x02\xdc\x04\x01\xbb"s;
const std::string kMapped = std::string(10, '\0') + "\xff\xff\xc0\x00\x02\x01"s + std::string(10, '\0') +
                            "\xff\xff\xc6\x33\x64\x01\xdc\x04\x01\xbb"s;

/// Bit by bit, as the polynomial says (RFC 3720 appendix B.4).
std::uint32_t plain_crc32c(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      const bool is_set = (((crc ^ (static_cast<unsigned char>(c) >> bit)) & 1) != 0);
      crc = crc >> 1 ^ (is_set ? 0x82F63B78U : 0);
    }
  }
  return crc ^ 0xFFFFFFFF;
}

/// With `tlvs` and then a checksum that is right.
std::string with_checksum(int version_and_command, int family_and_transport, const std::string& addresses,
                          const std::string& tlvs) {
  std::string header = binary(version_and_command, family_and_transport, addresses + tlvs + "\x03\x00\x04\0\0\0\0"s);
  const std::uint32_t crc = plain_crc32c(header);
  for (std::size_t i = 0; i < 4; ++i) header[header.size() - 4 + i] = static_cast<char>(crc >> (24 - 8 * i) & 0xFF);
  return header;
}

std::string changed(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

struct Good {
  std::string bytes;
  std::string client;
};

std::vector<Good> good_headers() {
  const std::string tlvs = "\x02\x00\x03"s + "app" + "\x04\x00\x00"s;
  const std::string large = "\xE0\x0E\x00"s + std::string(0x0E00, 'x');
  return {
      {"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", "192.0.2.1"},
      {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255"},
      {"PROXY TCP4 192.0.2.1 198.51.100.1 0 0\r\n", "192.0.2.1"},
      {"PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n", "2001:db8::1"},
      {"PROXY TCP6 2001:0DB8:0000:0000:0000:0000:0000:0001 ::1 1 2\r\n", "2001:db8::1"},
      {"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "192.0.2.1"},
      {"PROXY UNKNOWN\r\n", ""},
      {"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", ""},
      {"PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", ""},
      {binary(0x21, 0x11, kV4), "192.0.2.1"},
      {binary(0x21, 0x11, kV4 + tlvs), "192.0.2.1"},
      {with_checksum(0x21, 0x11, kV4, ""), "192.0.2.1"},
      {with_checksum(0x21, 0x21, kV6, tlvs), "2001:db8::1"},
      {with_checksum(0x21, 0x11, kV4, large), "192.0.2.1"},
      {with_checksum(0x21, 0x00, "", tlvs), ""},
      {with_checksum(0x21, 0x12, kV4, tlvs), ""},
      {binary(0x20, 0x11, kV4 + "\x03\x00\x04\xde\xad\xbe\xef"s), ""},
      {binary(0x21, 0x11, kV4 + std::string(4096 - 16 - 12, '\0')), "192.0.2.1"},
      {binary(0x21, 0x21, kV6), "2001:db8::1"},
      {binary(0x21, 0x21, kMapped), "192.0.2.1"},
      {binary(0x21, 0x31, std::string(216, '\0')), "unix:"},
      {binary(0x21, 0x31, std::string(520, '\0')), "unix:"},
      {binary(0x20, 0x00, ""), ""},
      {binary(0x20, 0x11, kV4), ""},
      {binary(0x21, 0x00, ""), ""},
      {binary(0x21, 0x00, "whatever"), ""},
      {binary(0x21, 0x12, kV4), ""},
  };
}

std::vector<std::string> bad_headers() {
  return {
      "GET / HTTP/1.1\r\n",
      "PROXY  TCP4 192.0.2.1 198.51.100.1 56324 443\r\n",
      "PROXY TCP4  192.0.2.1 198.51.100.1 56324 443\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 \r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 1\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\n",
      "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.1 056324 443\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.1 -1 443\r\n",
      "PROXY TCP4 192.0.2.1 198.51.100.1 56324 +443\r\n",
      "PROXY TCP4 192.0.2.256 198.51.100.1 56324 443\r\n",
      "PROXY TCP4 192.0.2.1 2001:db8::1 56324 443\r\n",
      "PROXY TCP4 2001:db8::1 2001:db8::1 56324 443\r\n",
      "PROXY TCP6 192.0.2.1 192.0.2.1 56324 443\r\n",
      "PROXY TCP4 192.0.2.1\0 198.51.100.1 56324 443\r\n"s,
      "PROXY TCP5 192.0.2.1 198.51.100.1 56324 443\r\n",
      "PROXY tcp4 192.0.2.1 198.51.100.1 56324 443\r\n",
      "PROXY UNKNOWNS\r\n",
      "PROXY \r\n",
      "PROXY UNKNOWN " + std::string(92, 'x') + "\r\n",
      "proxy TCP4 192.0.2.1 198.51.100.1 56324 443\r\n",
      binary(0x11, 0x11, kV4),
      binary(0x31, 0x11, kV4),
      binary(0x22, 0x11, kV4),
      binary(0x21, 0x41, kV4),
      binary(0x21, 0x13, kV4),
      binary(0x21, 0x11, kV4.substr(1)),
      binary(0x21, 0x21, kV6.substr(1)),
      binary(0x21, 0x31, std::string(215, '\0')),
      binary(0x21, 0x31, std::string(4081, '\0')),
      binary(0x21, 0x11, kV4 + "\x03\x00\x04\xde\xad\xbe\xef\x04\x00\x00"s),
      binary(0x21, 0x11, kV4 + "\x03\x00\x00"s),
      binary(0x21, 0x11, kV4 + "\x03\x00\x05\x00\x00\x00\x00\x00"s),
      binary(0x21, 0x00, "\x03\x00\x04\xde\xad\xbe\xef"s),
      changed(with_checksum(0x21, 0x11, kV4, ""), 17),
      changed(with_checksum(0x21, 0x21, kV6, "\x02\x00\x01x"s), 16 + 36 + 3),
      "\r\n\r\n\0\r\nQUIX\n"s + "\x21\x11"s,
  };
}

}  // namespace

TEST_CASE("PROXY header: the checksum of the test is the standard one (RFC 3720 B.4)") {
  CHECK(plain_crc32c("123456789") == 0xE3069283);
}

TEST_CASE("PROXY header: each form is read, and cut at every byte it is incomplete") {
  for (const Good& good : good_headers()) {
    CAPTURE(good.bytes);
    for (std::size_t size = 0; size < good.bytes.size(); ++size) {
      CAPTURE(size);
      REQUIRE(parse_proxy_header(std::string_view(good.bytes).substr(0, size)).outcome == Parse::incomplete);
    }
    for (const std::string& after : {""s, "GET / HTTP/1.1\r\n"s, "\n"s, "\r\n\r\n\0\r\nQUIT\n"s}) {
      const ProxyHeader header = parse_proxy_header(good.bytes + after);
      CHECK(header.outcome == Parse::done);
      CHECK(header.size == good.bytes.size());
      CHECK(header.client == good.client);
    }
  }
}

TEST_CASE("PROXY header: whatever is not one is refused, and stays refused") {
  for (const std::string& bad : bad_headers()) {
    CAPTURE(bad);
    bool was_refused = false;
    for (std::size_t size = 0; size <= bad.size(); ++size) {
      const Parse outcome = parse_proxy_header(std::string_view(bad).substr(0, size)).outcome;
      REQUIRE(outcome == (was_refused || outcome == Parse::refused ? Parse::refused : Parse::incomplete));
      was_refused = outcome == Parse::refused;
    }
    CHECK(was_refused);
  }
}

TEST_CASE("PROXY header: changed bytes never make it read beyond the end, nor say one thing early and another late") {
  std::mt19937 random(20240607);
  const std::vector<Good> seeds = good_headers();
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = seeds[random() % seeds.size()].bytes;
    const int changes = 1 + static_cast<int>(random() % 3);
    for (int i = 0; i < changes; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
    ProxyHeader first;
    // A heap block of the exact size, so that a sanitizer sees any read beyond it.
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      const std::vector<char> exact(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      const ProxyHeader now = parse_proxy_header({exact.data(), exact.size()});
      REQUIRE(now.size <= size);
      REQUIRE((now.outcome != Parse::incomplete || size < ProxyHeader::kMaxBinary));
      if (first.outcome != Parse::incomplete) {
        REQUIRE(now.outcome == first.outcome);
        REQUIRE(now.size == first.size);
        REQUIRE(now.client == first.client);
      }
      first = now;
    }
  }
}
