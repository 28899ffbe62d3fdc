#include "socket.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <weir/base/check.h>

namespace weir::chaos {
namespace {

void set(int fd, int level, int name, int value) {
  if (value > 0) setsockopt(fd, level, name, &value, sizeof value);
}

void apply(int fd, const Socket::Options& options) {
  set(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
  set(fd, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
  set(fd, IPPROTO_TCP, TCP_MAXSEG, options.segment);
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  WEIR_CHECK(path.size() < sizeof address.sun_path, "the path of a test's socket is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

sockaddr_in tcp_address(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  WEIR_CHECK(inet_pton(AF_INET, host.c_str(), &address.sin_addr) == 1, "no address");
  return address;
}

}  // namespace

Socket Socket::connect(const net::Endpoint& to, const Options& options) {
  const bool is_unix = to.kind == net::Endpoint::Kind::unix_socket;
  Socket made(::socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  WEIR_CHECK(made.is_open(), "no socket for a test");
  int outcome = 0;
  if (is_unix) {
    set(made.fd_, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
    const sockaddr_un address = unix_address(to.path);
    outcome = ::connect(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  } else {
    apply(made.fd_, options);
    const sockaddr_in address = tcp_address(to.host, to.port);
    outcome = ::connect(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  if (outcome != 0 && errno != EINPROGRESS) made.close();
  return made;
}

Socket Socket::bind(const std::string& host, std::uint16_t port, const Options& options) {
  Socket made(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  WEIR_CHECK(made.is_open(), "no socket for a test");
  apply(made.fd_, options);
  const sockaddr_in address = tcp_address(host, port);
  if (::bind(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) made.close();
  // So that it can listen again beside its own connections. Not before: while it does not listen, another program that
  // asks for the same could have the port too.
  if (made.is_open()) set(made.fd_, SOL_SOCKET, SO_REUSEADDR, 1);
  return made;
}

Socket Socket::bind(const std::string& unix_path) {
  Socket made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  WEIR_CHECK(made.is_open(), "no socket for a test");
  ::unlink(unix_path.c_str());
  const sockaddr_un address = unix_address(unix_path);
  if (::bind(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) made.close();
  return made;
}

void Socket::listen(int backlog) { WEIR_CHECK(::listen(fd_, backlog) == 0, "a test's socket does not listen"); }

void Socket::stop_listening() {
  // Linux lets a socket that was shut down keep its port and listen again.
  ::shutdown(fd_, SHUT_RD);
}

Socket Socket::accept() { return Socket(::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)); }

std::uint16_t Socket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Socket::Outcome Socket::send(std::string_view bytes, std::size_t& taken) {
  taken = 0;
  const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) return errno == EAGAIN || errno == ENOTCONN ? Outcome::nothing : Outcome::broken;
  taken = static_cast<std::size_t>(sent);
  return Outcome::some;
}

Socket::Outcome Socket::receive(std::string& into, std::size_t limit) {
  static std::array<char, 1 << 18> buffer;
  const ssize_t got = ::recv(fd_, buffer.data(), std::min(limit, buffer.size()), MSG_DONTWAIT);
  if (got > 0) {
    into.append(buffer.data(), static_cast<std::size_t>(got));
    return Outcome::some;
  }
  if (got == 0) return Outcome::ended;
  return errno == EAGAIN || errno == ENOTCONN ? Outcome::nothing : Outcome::broken;
}

bool Socket::has_unread() const {
  int unread = 0;
  return ::ioctl(fd_, FIONREAD, &unread) == 0 && unread > 0;
}

bool Socket::is_established() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) return info.tcpi_state == TCP_ESTABLISHED;
  char byte;
  const ssize_t got = ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got > 0 || (got < 0 && errno == EAGAIN);
}

void Socket::half_close() { ::shutdown(fd_, SHUT_WR); }

void Socket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Socket::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace weir::chaos
