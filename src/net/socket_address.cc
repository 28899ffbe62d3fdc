#include <weir/net/socket_address.h>

#include <array>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <weir/base/check.h>

namespace weir::net {
namespace {

/// Four bytes in network order as `203.0.113.9`. By hand: every connection is named once, and inet_ntop goes through
/// the general formatter.
std::string text_of_v4(const void* address) {
  std::array<std::uint8_t, 4> octets;
  std::memcpy(octets.data(), address, octets.size());
  std::array<char, INET_ADDRSTRLEN> text;
  char* end = text.data();
  for (const std::uint8_t octet : octets) {
    if (end != text.data()) *end++ = '.';
    if (octet >= 100) *end++ = static_cast<char>('0' + octet / 100);
    if (octet >= 10) *end++ = static_cast<char>('0' + octet / 10 % 10);
    *end++ = static_cast<char>('0' + octet % 10);
  }
  return {text.data(), end};
}

}  // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t length) : length_(length) {
  WEIR_CHECK(length <= sizeof storage_, "a socket address longer than any");
  std::memcpy(&storage_, address, length);
}

bool SocketAddress::is_literal(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::unix_socket) return true;
  in6_addr scratch;
  return inet_pton(AF_INET, endpoint.host.c_str(), &scratch) == 1 ||
         inet_pton(AF_INET6, endpoint.host.c_str(), &scratch) == 1;
}

Result<SocketAddress> SocketAddress::of_literal(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::unix_socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (endpoint.path.size() >= sizeof address.sun_path) {
      return Error{
          fmt::format("the socket path {} is longer than the {} bytes that the kernel takes: use a shorter one",
                      endpoint.path, sizeof address.sun_path - 1)};
    }
    std::memcpy(address.sun_path, endpoint.path.data(), endpoint.path.size());
    return SocketAddress(reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  sockaddr_in v4{};
  if (inet_pton(AF_INET, endpoint.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    return SocketAddress(reinterpret_cast<sockaddr*>(&v4), sizeof v4);
  }
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET6, endpoint.host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    return SocketAddress(reinterpret_cast<sockaddr*>(&v6), sizeof v6);
  }
  return Error{fmt::format("{} is a name, not an address", endpoint.host)};
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
  if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port);
  return 0;
}

void SocketAddress::set_port(std::uint16_t port) {
  if (family() == AF_INET) reinterpret_cast<sockaddr_in*>(&storage_)->sin_port = htons(port);
  if (family() == AF_INET6) reinterpret_cast<sockaddr_in6*>(&storage_)->sin6_port = htons(port);
}

std::string SocketAddress::host() const {
  if (family() == AF_INET) return text_of_v4(&reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr);
  if (family() != AF_INET6) return "unix:";
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return text_of_v4(&v6.s6_addr[12]);
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &v6, text, sizeof text);
  return text;
}

std::string SocketAddress::to_string() const {
  if (family() == AF_UNIX) return std::string("unix:") + reinterpret_cast<const sockaddr_un*>(&storage_)->sun_path;
  const std::string name = host();
  return name.find(':') == std::string::npos ? fmt::format("{}:{}", name, port())
                                             : fmt::format("[{}]:{}", name, port());
}

bool operator==(const SocketAddress& a, const SocketAddress& b) {
  return a.length_ == b.length_ && std::memcmp(&a.storage_, &b.storage_, a.length_) == 0;
}

}  // namespace weir::net
