#include <weir/proxy/proxy_header.h>

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <weir/base/bytes.h>

namespace weir::proxy {
namespace {

using Parse = ProxyHeader::Parse;

constexpr std::string_view kText = "PROXY ";
constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixed = 16;  ///< signature, version and command, family and transport, length

constexpr std::size_t kBytesOfV4 = 12;
constexpr std::size_t kBytesOfV6 = 36;
constexpr std::size_t kBytesOfUnix = 216;

ProxyHeader refused() { return {.outcome = Parse::refused, .size = 0, .client = {}}; }

ProxyHeader done(std::size_t size, std::string client = {}) {
  return {.outcome = Parse::done, .size = size, .client = std::move(client)};
}

/// Whether `data` could still become `whole`, or begins with it.
bool agrees(std::string_view data, std::string_view whole) {
  const std::size_t both = std::min(data.size(), whole.size());
  return data.substr(0, both) == whole.substr(0, both);
}

std::string text_of(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family == AF_INET6) {
    // An IPv4 client of an IPv6 socket is an IPv4 client.
    const auto* v6 = static_cast<const in6_addr*>(address);
    if (IN6_IS_ADDR_V4MAPPED(v6)) return text_of(AF_INET, &v6->s6_addr[12]);
  }
  inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

/// An address of `family` as the text form has it, in its canonical form; empty if it is none.
std::string address_of(int family, std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  // A NUL would end it early for inet_pton.
  if (text.empty() || text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return {};
  std::copy(text.begin(), text.end(), terminated.begin());
  in6_addr address{};
  return inet_pton(family, terminated.data(), &address) == 1 ? text_of(family, &address) : std::string();
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return false;
  if (!std::all_of(text.begin(), text.end(), is_digit)) return false;
  unsigned port = 0;
  for (const char c : text) port = port * 10 + static_cast<unsigned>(c - '0');
  return port <= 65535;
}

/// `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n`
ProxyHeader parse_text(std::string_view data) {
  const std::string_view bounded = data.substr(0, ProxyHeader::kMaxText);
  const std::size_t feed = bounded.find('\n');
  const std::size_t carriage = bounded.find('\r');
  if (feed == std::string_view::npos) {
    // A CR can only be the one before the LF that ends the header.
    const bool is_cut = carriage == std::string_view::npos || carriage + 1 == bounded.size();
    return bounded.size() < ProxyHeader::kMaxText && is_cut ? ProxyHeader{} : refused();
  }
  if (carriage + 1 != feed) return refused();
  std::string_view line = bounded.substr(kText.size(), carriage - kText.size());
  // Whatever follows UNKNOWN is to be ignored.
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return done(feed + 1);
  std::array<std::string_view, 5> words;
  for (std::string_view& word : words) {
    const std::size_t space = &word == &words.back() ? line.size() : line.find(' ');
    if (space == std::string_view::npos) return refused();
    word = line.substr(0, space);
    line.remove_prefix(std::min(line.size(), space + 1));
  }
  const auto& [family_word, source, destination, source_port, destination_port] = words;
  const int family = family_word == "TCP4" ? AF_INET : family_word == "TCP6" ? AF_INET6 : AF_UNSPEC;
  if (family == AF_UNSPEC || !is_port(source_port) || !is_port(destination_port)) return refused();
  std::string client = address_of(family, source);
  if (client.empty() || address_of(family, destination).empty()) return refused();
  return done(feed + 1, std::move(client));
}

constexpr std::array<std::uint32_t, 256> kCrc32c = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) table[i] = table[i] >> 1 ^ ((table[i] & 1) != 0 ? 0x82F63B78U : 0);
  }
  return table;
}();

/// RFC 3720 appendix B.4, with zeros for the four bytes at `zeros`.
std::uint32_t crc32c(std::string_view data, std::size_t zeros) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (std::size_t i = 0; i < data.size(); ++i) {
    const bool is_zero = i >= zeros && i < zeros + 4;
    const auto byte = is_zero ? std::uint8_t{0} : static_cast<std::uint8_t>(data[i]);
    crc = kCrc32c[(crc ^ byte) & 0xFF] ^ crc >> 8;
  }
  return ~crc;
}

/// Of a whole header whose TLVs begin at `at`: false if one of them is a checksum that is wrong.
bool is_checksum_right(std::string_view header, std::size_t at) {
  constexpr std::uint8_t kTypeCrc32c = 0x03;
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<std::uint8_t>(header[i])}; };
  while (at + 3 <= header.size()) {
    const std::uint32_t type = byte(at);
    const std::size_t length = byte(at + 1) * 256 + byte(at + 2);
    at += 3;
    if (length > header.size() - at) return true;  // no TLV: padding, as the rest of the header may be
    if (type == kTypeCrc32c) {
      if (length != 4) return false;
      const std::uint32_t stated = byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
      if (stated != crc32c(header, at)) return false;
    }
    at += length;
  }
  return true;
}

ProxyHeader parse_binary(std::string_view data) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(data[i]); };
  if (data.size() > 12 && byte(12) >> 4 != 2) return refused();
  const int command = data.size() > 12 ? byte(12) & 0x0f : 0;
  if (command > 1) return refused();
  const int family = data.size() > 13 ? byte(13) >> 4 : 0;
  const int transport = data.size() > 13 ? byte(13) & 0x0f : 0;
  if (family > 3 || transport > 2) return refused();
  if (data.size() < kFixed) return {};
  const std::size_t length = std::size_t{byte(14)} * 256 + byte(15);
  const std::size_t size = kFixed + length;
  constexpr std::size_t kNeeds[] = {0, kBytesOfV4, kBytesOfV6, kBytesOfUnix};
  const bool has_address = command == 1 && transport == 1 && family != 0;
  if (size > ProxyHeader::kMaxBinary || (has_address && length < kNeeds[family])) return refused();
  if (data.size() < size) return {};
  const bool has_tlvs = command == 1 && length >= kNeeds[family];
  if (has_tlvs && !is_checksum_right(data.substr(0, size), kFixed + kNeeds[family])) return refused();
  if (!has_address) return done(size);  // LOCAL: the proxy's own health check, say
  if (family == 3) return done(size, "unix:");
  return done(size, text_of(family == 1 ? AF_INET : AF_INET6, data.data() + kFixed));
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view data) {
  if (agrees(data, kSignature)) return data.size() < kSignature.size() ? ProxyHeader{} : parse_binary(data);
  if (agrees(data, kText)) return data.size() < kText.size() ? ProxyHeader{} : parse_text(data);
  return refused();
}

}  // namespace weir::proxy
