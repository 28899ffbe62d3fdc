#pragma once

#include <cstdint>
#include <string>

#include <sys/socket.h>

#include <weir/net/endpoint.h>

namespace weir::net {

/// An address that the kernel understands: what the resolver makes of an Endpoint.
class SocketAddress {
 public:
  SocketAddress() = default;
  SocketAddress(const sockaddr* address, socklen_t length);

  /// The address of an endpoint that needs no name look-up: an IP literal or a Unix socket.
  static Result<SocketAddress> of_literal(const Endpoint& endpoint);
  /// Whether `of_literal` would do without asking a resolver.
  static bool is_literal(const Endpoint& endpoint);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t length() const { return length_; }
  int family() const { return storage_.ss_family; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);

  /// `127.0.0.1`, `::1`; an IPv4-mapped IPv6 address as IPv4; `unix:` for a Unix socket.
  std::string host() const;
  /// `127.0.0.1:80`, `[::1]:80`, `unix:/path`.
  std::string to_string() const;

  friend bool operator==(const SocketAddress& a, const SocketAddress& b);

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

}  // namespace weir::net
