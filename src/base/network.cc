#include <weir/base/network.h>

#include <algorithm>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <fmt/format.h>

#include <weir/base/bytes.h>

namespace weir {
namespace {

constexpr unsigned kMappedBits = 96;

/// Digits alone, without leading zeros.
std::optional<unsigned> parse_prefix_length(std::string_view text) {
  const bool is_number = !text.empty() && text.size() <= 3 && std::all_of(text.begin(), text.end(), is_digit);
  if (!is_number || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

/// The first `bits` of an address, the rest zero.
IpAddress cut(const IpAddress& address, unsigned bits) {
  IpAddress out;
  for (unsigned i = 0; i < address.bytes.size() && bits > i * 8; ++i) {
    const unsigned kept = std::min(8U, bits - i * 8);
    out.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & (0xff00U >> kept));
  }
  return out;
}

std::string text_of(const IpAddress& address, bool is_v4) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_v4 ? AF_INET : AF_INET6, address.bytes.data() + (is_v4 ? 12 : 0), text.data(), text.size());
  return text.data();
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  // A NUL would end it early for inet_pton.
  if (text.empty() || text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::copy(text.begin(), text.end(), terminated.begin());
  IpAddress address;
  if (inet_pton(AF_INET, terminated.data(), address.bytes.data() + 12) == 1) {
    address.bytes[10] = address.bytes[11] = 0xff;
    return address;
  }
  if (inet_pton(AF_INET6, terminated.data(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

Result<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address_text = text.substr(0, slash);
  const std::optional<IpAddress> address = IpAddress::parse(address_text);
  if (!address) return Error{fmt::format("\"{}\" is no IP address or network", text)};
  const bool is_v4 = address_text.find(':') == std::string_view::npos;
  const unsigned whole = is_v4 ? 32 : 128;
  Network network;
  network.first_ = *address;
  if (slash == std::string_view::npos) return network;
  const std::optional<unsigned> length = parse_prefix_length(text.substr(slash + 1));
  if (!length || *length > whole) {
    return Error{fmt::format("\"{}\": the number after the slash is none from 0 to {}", text, whole)};
  }
  network.bits_ = *length + (is_v4 ? kMappedBits : 0);
  const IpAddress first = cut(*address, network.bits_);
  if (first != *address) {
    // Nobody can tell which of the two was meant.
    return Error{fmt::format("\"{}\" has bits set beyond its first {}: the network is {}/{}", text, *length,
                             text_of(first, is_v4), *length)};
  }
  return network;
}

std::string network_of(std::string_view client) {
  const std::optional<IpAddress> address = IpAddress::parse(client);
  if (!address) return {};
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool is_v4 = std::equal(kMapped.begin(), kMapped.end(), address->bytes.begin());
  const unsigned length = is_v4 ? 24 : 48;
  return fmt::format("{}/{}", text_of(cut(*address, is_v4 ? kMappedBits + length : length), is_v4), length);
}

bool Network::holds(const IpAddress& address) const { return cut(address, bits_) == first_; }

}  // namespace weir
