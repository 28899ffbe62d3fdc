#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <weir/base/result.h>

struct sockaddr_storage;

namespace weir::net {

/// Where to listen or to connect, as people write it: `host:port`, `[v6]:port`, `unix:/path`.
struct Endpoint {
  enum class Kind : std::uint8_t { tcp, unix_socket };

  Kind kind = Kind::tcp;
  std::string host;  ///< name or literal, an IPv6 literal without its brackets; empty for a Unix socket
  std::uint16_t port = 0;
  std::string path;  ///< of a Unix socket

  /// `0.0.0.0:8080`, `[::1]:80`, `localhost:80`, `unix:/run/app.sock`. Port 0 lets the kernel choose.
  static Result<Endpoint> parse(std::string_view text);
  /// Whether `host` is a host name or an IP address, an IPv6 one without its brackets. A trailing dot is allowed.
  static bool is_host(std::string_view host);
  /// Back as it is written.
  std::string to_string() const;
  /// 127.0.0.0/8, ::1, `localhost` or a Unix socket.
  bool is_loopback() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace weir::net
