#include "binding.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::net {

Result<SocketAddress> address_to_bind(const Endpoint& endpoint) {
  Endpoint literal = endpoint;
  if (endpoint.host == "localhost") literal.host = "127.0.0.1";
  if (endpoint.host.empty() || endpoint.host == "*") literal.host = "0.0.0.0";
  Result<SocketAddress> address = SocketAddress::of_literal(literal);
  if (!address) {
    return Error{fmt::format("cannot listen on {}: {} (use an IP address of this machine, 0.0.0.0 or [::] for all)",
                             endpoint.to_string(), address.error().message)};
  }
  return address;
}

void remove_stale_socket_file(const SocketAddress& address, int type) {
  const auto* name = reinterpret_cast<const sockaddr_un*>(address.get())->sun_path;
  struct stat info;
  if (lstat(name, &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  const int probe = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  if (probe < 0) return;
  if (::connect(probe, address.get(), address.length()) != 0 && errno == ECONNREFUSED) ::unlink(name);
  ::close(probe);
}

std::uint16_t bound_port(int fd) {
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0) return 0;
  return SocketAddress(reinterpret_cast<sockaddr*>(&bound), length).port();
}

Error cannot_listen(const Endpoint& endpoint) {
  const int error = errno;
  const char* mend = error == EADDRINUSE      ? "another program has it: stop that one or choose another port"
                     : error == EACCES        ? "ports below 1024 need root or CAP_NET_BIND_SERVICE: choose another port"
                     : error == EADDRNOTAVAIL ? "no interface of this machine has that address"
                                              : "see the error";
  return Error{fmt::format("cannot listen on {}: {} ({})", endpoint.to_string(), std::strerror(error), mend)};
}

}  // namespace weir::net
