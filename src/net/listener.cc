#include <weir/net/listener.h>

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <weir/base/check.h>
#include <weir/base/log.h>

#include "binding.h"
#include "stream_handle.h"

namespace weir::net {
namespace {

/// Connections that wait to be accepted; the kernel cuts it to net.core.somaxconn.
constexpr int kBacklog = 4096;
constexpr Nanos kPause = 100ms;
constexpr Nanos kBetweenWarnings = 10s;

}  // namespace

Result<ListeningSocket> ListeningSocket::open(const Endpoint& endpoint, bool shared) {
  if (shared && endpoint.kind == Endpoint::Kind::tcp && endpoint.port != 0) {
    // With SO_REUSEPORT a second weir would quietly take half of the first one's connections: try without it first.
    auto probe = bind_and_listen(endpoint, false);
    if (!probe) return probe.error();
  }
  return bind_and_listen(endpoint, shared);
}

Result<ListeningSocket> ListeningSocket::open_beside(const ListeningSocket& first) {
  return bind_and_listen(first.endpoint_, true);
}

Result<ListeningSocket> ListeningSocket::bind_and_listen(const Endpoint& endpoint, bool shared) {
  Result<SocketAddress> address = address_to_bind(endpoint);
  if (!address) return address.error();
  const int family = address.value().family();
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return cannot_listen(endpoint);
  ListeningSocket socket(fd, endpoint);  // closes it on every way out

  const int on = 1;
  if (family == AF_UNIX) {
    remove_stale_socket_file(address.value(), SOCK_STREAM);
  } else {
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // Accepted sockets inherit it: one system call less for each.
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (shared && ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) return cannot_listen(endpoint);
  }
  if (::bind(fd, address.value().get(), address.value().length()) != 0) return cannot_listen(endpoint);
  if (family == AF_UNIX) socket.file_ = std::make_shared<const SocketFile>(endpoint.path);
  if (::listen(fd, kBacklog) != 0) return cannot_listen(endpoint);

  if (family != AF_UNIX) socket.endpoint_.port = bound_port(fd);
  return socket;
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), endpoint_(std::move(other.endpoint_)), file_(std::move(other.file_)) {}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(endpoint_, other.endpoint_);
  std::swap(file_, other.file_);
  return *this;
}

ListeningSocket::~ListeningSocket() { close(); }

void ListeningSocket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  file_.reset();
}

Result<ListeningSocket> ListeningSocket::duplicate() const {
  const int fd = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return cannot_listen(endpoint_);
  ListeningSocket copy(fd, endpoint_);
  copy.file_ = file_;
  return copy;
}

struct ListenerHandle {
  StreamHandle* stream;
  Listener* owner;

  static void on_connection(uv_stream_t* server, int error);
  void close() {
    owner = nullptr;
    uv_close(&stream->handle, [](uv_handle_t* closed) {
      auto* self = static_cast<ListenerHandle*>(closed->data);
      delete self->stream;
      delete self;
    });
  }
};

Listener::Listener(Loop& loop, ListeningSocket socket, OnConnection on_connection, std::function<void()> on_pause)
    : loop_(loop),
      endpoint_(socket.endpoint()),
      on_connection_(std::move(on_connection)),
      on_pause_(std::move(on_pause)),
      socket_(std::move(socket)),
      end_of_pause_(loop, [this] { listen(); }) {
  listen();
}

Listener::~Listener() {
  // Nobody is there any more to take what waits.
  stop_accepting();
}

void Listener::listen() {
  Result<ListeningSocket> own = socket_.duplicate();
  if (!own) {
    end_of_pause_.start(kPause);
    return;
  }
  const bool is_pipe = endpoint_.kind == Endpoint::Kind::unix_socket;
  handle_ = new ListenerHandle{.stream = StreamHandle::create(loop_, is_pipe), .owner = this};
  handle_->stream->handle.data = handle_;
  const int fd = std::exchange(own.value().fd_, -1);
  const int opened = is_pipe ? uv_pipe_open(&handle_->stream->pipe, fd) : uv_tcp_open(&handle_->stream->tcp, fd);
  WEIR_CHECK(opened == 0, "libuv refused a listening socket");
  // The backlog was set when the socket was opened; libuv only raises what it is given here.
  const int listening = uv_listen(&handle_->stream->stream, kBacklog, ListenerHandle::on_connection);
  WEIR_CHECK(listening == 0, "libuv cannot listen on a socket that listens");
}

/// libuv would try the next connection at once, and again for as long as there is no descriptor: nothing else would be
/// done.
void Listener::pause(int error) {
  std::exchange(handle_, nullptr)->close();
  end_of_pause_.start(kPause);
  if (on_pause_) on_pause_();
  const TimePoint now = Clock::now();
  if (said_ != TimePoint() && now - said_ < kBetweenWarnings) return;
  said_ = now;
  log::warning("connections cannot be accepted and have to wait: raise the file descriptors (ulimit -n, LimitNOFILE)",
               {{"listener", endpoint_.to_string()}, {"error", error_text(error)}});
}

void Listener::stop_new_connections() {
  if (endpoint_.kind == Endpoint::Kind::unix_socket) {
    ::shutdown(socket_.fd_, SHUT_RD);
    // A socket that is shut down counts as readable for good, so that a loop would not rest.
    stop_accepting();
    accept_rest();
    return;
  }
  // A socket filter sees TCP segments from their header on; byte 13 holds the flags. Dropped is what has SYN (2) and not
  // ACK (16).
  std::array<sock_filter, 5> program = {sock_filter BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
                                        sock_filter BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
                                        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
                                        sock_filter BPF_STMT(BPF_RET | BPF_K, 0),
                                        sock_filter BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF)};
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  // Where the kernel knows no filters, connections that come in the last moment are reset.
  ::setsockopt(socket_.fd_, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

void Listener::accept_rest() {
  const bool is_pipe = endpoint_.kind == Endpoint::Kind::unix_socket;
  // No more than the queue holds: others may go on connecting.
  for (int i = 0; i < kBacklog; ++i) {
    const int fd = ::accept4(socket_.fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      // Anything else is an error of the one connection, which is gone (accept(2)).
      if (errno == EAGAIN || errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return;
      continue;
    }
    StreamHandle* accepted = StreamHandle::create(loop_, is_pipe);
    const int opened = is_pipe ? uv_pipe_open(&accepted->pipe, fd) : uv_tcp_open(&accepted->tcp, fd);
    if (opened != 0) {
      accepted->close();
      ::close(fd);
      continue;
    }
    on_connection_(Accepted(accepted));
  }
}

void Listener::stop_accepting() {
  end_of_pause_.stop();
  if (handle_ != nullptr) std::exchange(handle_, nullptr)->close();
}

void Listener::close() {
  stop_accepting();
  if (socket_.fd_ >= 0) accept_rest();
  socket_.close();
}

void ListenerHandle::on_connection(uv_stream_t* server, int error) {
  auto* self = static_cast<ListenerHandle*>(server->data);
  Listener* owner = self->owner;
  if (owner == nullptr) return;
  if (error != 0) {
    owner->pause(error);
    return;
  }
  StreamHandle* accepted = StreamHandle::create(owner->loop_, self->stream->is_pipe);
  if (uv_accept(server, &accepted->stream) != 0) {
    accepted->close();
    return;
  }
  owner->on_connection_(Accepted(accepted));
}

}  // namespace weir::net
