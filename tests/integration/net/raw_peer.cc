#include "raw_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <weir/base/check.h>

namespace weir::lab {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int make_socket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  WEIR_CHECK(fd >= 0, "no socket");
  return fd;
}

void live(int fd, const std::function<void(int)>& life) {
  const timeval patience{.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  life(fd);
  ::close(fd);
}

}  // namespace

RawPeer RawPeer::client(std::uint16_t port, std::function<void(int)> life) {
  return {port, std::thread([port, life = std::move(life)] {
            const int fd = make_socket();
            const sockaddr_in address = loopback(port);
            WEIR_CHECK(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
                       "no connection");
            live(fd, life);
          })};
}

RawPeer RawPeer::server(std::function<void(int)> life) {
  const int listening = make_socket();
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  WEIR_CHECK(::bind(listening, generic, length) == 0 && ::listen(listening, 1) == 0, "no listening socket");
  WEIR_CHECK(::getsockname(listening, generic, &length) == 0, "no port");
  return {ntohs(address.sin_port), std::thread([listening, life = std::move(life)] {
            const int fd = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
            ::close(listening);
            if (fd >= 0) live(fd, life);
          })};
}

std::string last_openssl_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "" : reason;
}

}  // namespace weir::lab
