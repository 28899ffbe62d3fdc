#include <weir/net/datagrams.h>

#include <array>
#include <cerrno>
#include <utility>

#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include "binding.h"

namespace weir::net {

namespace {

/// For bursts; the kernel cuts it to net.core.rmem_max.
constexpr int kReceiveBuffer = 4 * 1024 * 1024;

}  // namespace

Result<DatagramSocket> DatagramSocket::open(const Endpoint& endpoint) {
  const Result<SocketAddress> address = address_to_bind(endpoint);
  if (!address) return address.error();
  const int family = address.value().family();
  const int fd = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return cannot_listen(endpoint);
  DatagramSocket socket(fd, endpoint);  // closes it on every way out
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  if (family == AF_UNIX) remove_stale_socket_file(address.value(), SOCK_DGRAM);
  if (::bind(fd, address.value().get(), address.value().length()) != 0) return cannot_listen(endpoint);
  if (family == AF_UNIX) socket.file_ = std::make_shared<const SocketFile>(endpoint.path);
  if (family != AF_UNIX) socket.endpoint_.port = bound_port(fd);
  return socket;
}

DatagramSocket::DatagramSocket(DatagramSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), endpoint_(std::move(other.endpoint_)), file_(std::move(other.file_)) {}

DatagramSocket& DatagramSocket::operator=(DatagramSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(endpoint_, other.endpoint_);
  std::swap(file_, other.file_);
  return *this;
}

DatagramSocket::~DatagramSocket() {
  if (fd_ >= 0) ::close(fd_);
}

DatagramReceiver::DatagramReceiver(Loop& loop, DatagramSocket socket, OnDatagram on_datagram)
    : socket_(std::move(socket)),
      on_datagram_(std::move(on_datagram)),
      buffer_(std::make_unique_for_overwrite<char[]>(kLongest)),
      readable_(loop, socket_.fd_, [this] { take(kMostATurn); }) {}

void DatagramReceiver::take(int most) {
  while (most-- > 0 && take_one()) {
  }
}

bool DatagramReceiver::take_one() {
  // MSG_TRUNC: the size that it has, not what of it there was room for.
  const ssize_t size = ::recv(socket_.fd_, buffer_.get(), kLongest, MSG_TRUNC);
  if (size < 0) return errno == EINTR;
  if (static_cast<std::size_t>(size) > kLongest) {
    ++too_long_;
  } else {
    on_datagram_({buffer_.get(), static_cast<std::size_t>(size)});
  }
  return true;
}

std::uint64_t DatagramReceiver::dropped() const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> figures{};
  socklen_t size = sizeof figures;
  const bool is_known = ::getsockopt(socket_.fd_, SOL_SOCKET, SO_MEMINFO, figures.data(), &size) == 0;
  return is_known ? figures[SK_MEMINFO_DROPS] : 0;
}

}  // namespace weir::net
