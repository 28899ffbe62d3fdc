#include <weir/net/datagrams.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <weir/base/check.h>

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
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  ::setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  if (family == AF_UNIX) remove_stale_socket_file(address.value(), SOCK_DGRAM);
  if (::bind(fd, address.value().get(), address.value().length()) != 0) return cannot_listen(endpoint);
  if (family != AF_UNIX) socket.endpoint_.port = bound_port(fd);
  return socket;
}

DatagramSocket::DatagramSocket(DatagramSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), endpoint_(std::move(other.endpoint_)) {}

DatagramSocket& DatagramSocket::operator=(DatagramSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(endpoint_, other.endpoint_);
  return *this;
}

DatagramSocket::~DatagramSocket() {
  if (fd_ >= 0) ::close(fd_);
}

struct DatagramHandle {
  uv_poll_t poll;
  DatagramReceiver* owner;
  int fd;

  static void on_readable(uv_poll_t* poll, int, int) {
    DatagramReceiver* owner = static_cast<DatagramHandle*>(poll->data)->owner;
    if (owner != nullptr) owner->take(DatagramReceiver::kMostATurn);
  }
  void close() {
    owner = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(&poll), [](uv_handle_t* closed) {
      auto* self = static_cast<DatagramHandle*>(closed->data);
      ::close(self->fd);
      delete self;
    });
  }
};

DatagramReceiver::DatagramReceiver(Loop& loop, DatagramSocket socket, OnDatagram on_datagram)
    : endpoint_(socket.endpoint()),
      on_datagram_(std::move(on_datagram)),
      buffer_(std::make_unique_for_overwrite<char[]>(kLongest)),
      handle_(new DatagramHandle{.poll = {}, .owner = this, .fd = std::exchange(socket.fd_, -1)}) {
  WEIR_CHECK(uv_poll_init(loop.raw(), &handle_->poll, handle_->fd) == 0, "libuv refused a datagram socket");
  handle_->poll.data = handle_;
  uv_poll_start(&handle_->poll, UV_READABLE, DatagramHandle::on_readable);
}

DatagramReceiver::~DatagramReceiver() { handle_->close(); }

void DatagramReceiver::take(int most) {
  while (most-- > 0 && take_one()) {
  }
}

bool DatagramReceiver::take_one() {
  iovec part{.iov_base = buffer_.get(), .iov_len = kLongest};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof last_drops_)];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = ::recvmsg(handle_->fd, &message, 0);
  if (size < 0) return errno == EINTR;
  for (const cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, const_cast<cmsghdr*>(one))) {
    if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SO_RXQ_OVFL) continue;
    std::uint32_t drops;
    std::memcpy(&drops, CMSG_DATA(one), sizeof drops);
    dropped_ += drops - std::exchange(last_drops_, drops);
  }
  if ((message.msg_flags & MSG_TRUNC) != 0) {
    ++too_long_;
  } else {
    on_datagram_({buffer_.get(), static_cast<std::size_t>(size)});
  }
  return true;
}

}  // namespace weir::net
