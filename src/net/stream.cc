// HOT PATH: no allocation once warm, no lock, no system call but the socket's own, no log above debug.
#include <weir/net/stream.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <uv.h>

#include <weir/base/check.h>
#include <weir/net/socket_address.h>

#include "stream_handle.h"
#include "tls_layer.h"

namespace weir::net {
namespace {

constexpr std::size_t kMaxParts = 64;
/// Parts of no more than this in all are sent as one.
constexpr std::size_t kGatheredBytes = 2048;

/// What the socket did not take at once: the bytes live here until it has.
struct QueuedWrite {
  uv_write_t request;
  std::unique_ptr<char[]> bytes;
};

}  // namespace

void StreamOwner::on_connected(Stream&, int) {}

void StreamOwner::on_peer_ended(Stream&) {}

/// A second handle on the stream's socket: libuv's streams leave a socket alone that nobody reads from or writes to.
struct PeerWatch {
  uv_poll_t poll;
  StreamHandle* stream;
  int descriptor;
  bool has_seen_end = false;

  static void on_event(uv_poll_t* poll, int status, int events);
};

void PeerWatch::on_event(uv_poll_t* poll, int, int events) {
  PeerWatch* self = static_cast<PeerWatch*>(poll->data);
  Stream* owner = self->stream->owner;
  // A hang-up without an error is an orderly end of both directions: what is on its way still arrives.
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(self->descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  const bool has_ended = error == 0 && (events & UV_DISCONNECT) != 0;
  pollfd now{.fd = self->descriptor, .events = 0, .revents = 0};
  const bool is_over = error != 0 || (::poll(&now, 1, 0) == 1 && (now.revents & (POLLERR | POLLHUP)) != 0);
  if (is_over || (!has_ended && self->has_seen_end)) {
    uv_poll_stop(poll);
  } else {
    // An end stays to be seen for good, and so does urgent data: what was seen is asked for no more. There is no event
    // for failures alone; they are told with any.
    uv_poll_start(poll, has_ended ? UV_PRIORITIZED : UV_DISCONNECT, on_event);
  }
  self->has_seen_end |= has_ended;
  if (owner == nullptr || owner->is_reading()) return;
  if (error != 0) {
    owner->fail(uv_translate_sys_error(error));
  } else if (has_ended) {
    owner->owner_->on_peer_ended(*owner);
  }
}

StreamHandle* StreamHandle::create(Loop& loop, bool is_pipe) {
  auto* created = new StreamHandle;
  created->is_pipe = is_pipe;
  const int outcome = is_pipe ? uv_pipe_init(loop.raw(), &created->pipe, 0) : uv_tcp_init(loop.raw(), &created->tcp);
  WEIR_CHECK(outcome == 0, "libuv refused to initialise a handle");
  created->handle.data = created;
  return created;
}

void StreamHandle::watch_peer() {
  if (watch == nullptr) {
    uv_os_fd_t socket;
    if (uv_fileno(&handle, &socket) != 0) return;
    const int descriptor = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0) return;
    auto made = std::make_unique<PeerWatch>();
    if (uv_poll_init(handle.loop, &made->poll, descriptor) != 0) {
      ::close(descriptor);
      return;
    }
    made->stream = this;
    made->descriptor = descriptor;
    made->poll.data = made.get();
    watch = made.release();
  }
  uv_poll_start(&watch->poll, UV_DISCONNECT | UV_PRIORITIZED, PeerWatch::on_event);
}

void StreamHandle::end_watch() {
  PeerWatch* ended = std::exchange(watch, nullptr);
  if (ended == nullptr) return;
  const auto free_watch = [](uv_handle_t* closed) { delete static_cast<PeerWatch*>(closed->data); };
  uv_close(reinterpret_cast<uv_handle_t*>(&ended->poll), free_watch);
  // Nothing of it is asked for any more, and the peer sees no end while a descriptor of the socket is open.
  ::close(ended->descriptor);
}

void StreamHandle::close() {
  owner = nullptr;
  end_watch();
  if (uv_is_closing(&handle) != 0) return;
  uv_close(&handle, [](uv_handle_t* closed) { delete of(closed); });
}

void StreamHandle::reset() {
  owner = nullptr;
  end_watch();
  if (uv_is_closing(&handle) != 0) return;
  const auto free_handle = [](uv_handle_t* closed) { delete of(closed); };
  if (is_pipe || uv_tcp_close_reset(&tcp, free_handle) != 0) close();
}

void StreamHandle::on_allocate(uv_handle_t* handle, std::size_t, uv_buf_t* out) {
  StreamHandle* self = of(handle);
  if (self->owner == nullptr) {
    *out = uv_buf_init(nullptr, 0);
    return;
  }
  const std::span<char> buffer = self->owner->loop_.read_buffer();
  *out = uv_buf_init(buffer.data(), static_cast<unsigned>(buffer.size()));
}

void StreamHandle::on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  Stream* owner = of(stream)->owner;
  if (owner == nullptr || count == 0) return;
  if (count > 0) {
    const std::span<char> data(buffer->base, static_cast<std::size_t>(count));
    if (owner->tls_ != nullptr) [[unlikely]] {
      owner->tls_->on_received(data);
    } else {
      owner->owner_->on_data(*owner, data);
    }
    return;
  }
  // libuv has stopped reading by itself, except on ECONNRESET and the like, where it has too.
  owner->stop_reading();
  if (count == UV_EOF) count = owner->reset_error_or(UV_EOF);
  if (owner->tls_ != nullptr) {
    owner->tls_->on_socket_ended(static_cast<int>(count));
  } else if (count == UV_EOF) {
    owner->owner_->on_end(*owner);
  } else {
    owner->fail(static_cast<int>(count));
  }
}

void StreamHandle::on_connected(uv_connect_t* request, int error) {
  const std::unique_ptr<uv_connect_t> finished(request);
  Stream* owner = of(request->handle)->owner;
  if (owner == nullptr) return;
  owner->last_error_ = error;
  if (owner->tls_ != nullptr && error == 0) {
    owner->tls_->begin();
  } else {
    owner->owner_->on_connected(*owner, error);
  }
}

void StreamHandle::on_written(uv_write_t* request, int error) {
  Stream* owner = of(request->handle)->owner;
  const bool is_last = request->handle->write_queue_size == 0;
  delete static_cast<QueuedWrite*>(request->data);
  if (owner == nullptr) return;
  if (error != 0) {
    owner->fail(error);
  } else if (is_last && (owner->tls_ == nullptr || owner->tls_->on_drained())) {
    owner->owner_->on_drained(*owner);
  }
}

Accepted::~Accepted() {
  if (handle_ != nullptr) handle_->close();
}

Stream::Stream(Loop& loop, StreamOwner& owner) : loop_(loop), owner_(&owner) {}

Stream::Stream(Loop& loop, StreamOwner& owner, Accepted accepted)
    : loop_(loop), owner_(&owner), handle_(std::exchange(accepted.handle_, nullptr)) {
  handle_->owner = this;
}

Stream::~Stream() { close(); }

bool Stream::connect(const SocketAddress& address) {
  WEIR_CHECK(handle_ == nullptr, "a stream connects once");
  const bool is_pipe = address.family() == AF_UNIX;
  handle_ = StreamHandle::create(loop_, is_pipe);
  handle_->owner = this;
  auto request = std::make_unique<uv_connect_t>();
  if (is_pipe) {
    uv_pipe_connect(request.release(), &handle_->pipe, address.to_string().c_str() + std::strlen("unix:"),
                    StreamHandle::on_connected);
    return true;
  }
  last_error_ = uv_tcp_connect(request.get(), &handle_->tcp, address.get(), StreamHandle::on_connected);
  if (last_error_ != 0) return false;
  request.release();  // its callback has it
  uv_tcp_nodelay(&handle_->tcp, 1);
  return true;
}

void Stream::start_reading() {
  if (reading_ || handle_ == nullptr) return;
  reading_ = uv_read_start(&handle_->stream, StreamHandle::on_allocate, StreamHandle::on_read) == 0;
}

void Stream::stop_reading() {
  if (!reading_ || handle_ == nullptr) return;
  uv_read_stop(&handle_->stream);
  reading_ = false;
}

Write Stream::write(std::string_view bytes) {
  const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  return write({&part, 1});
}

Write Stream::write(std::span<const iovec> parts) {
  if (handle_ == nullptr) return Write::failed;
  if (tls_ != nullptr) [[unlikely]] return tls_->write(parts);
  return send(parts);
}

/// Tries to give all of it to the socket at once; UV_EAGAIN where that takes nothing now. One buffer through `send` is
/// the kernel's shortest way, so small parts are put together first: that costs less than to have it read a list of
/// them.
int Stream::send_now(std::span<const iovec> parts, std::size_t total) {
  std::array<char, kGatheredBytes> gathered;
  iovec whole = parts.front();
  if (parts.size() > 1 && total > gathered.size()) {
    std::array<uv_buf_t, kMaxParts> buffers;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      buffers[i] = uv_buf_init(static_cast<char*>(parts[i].iov_base), static_cast<unsigned>(parts[i].iov_len));
    }
    return uv_try_write(&handle_->stream, buffers.data(), static_cast<unsigned>(parts.size()));
  }
  if (parts.size() > 1) {
    std::size_t at = 0;
    for (const iovec& part : parts) {
      std::memcpy(gathered.data() + at, part.iov_base, part.iov_len);
      at += part.iov_len;
    }
    whole = {gathered.data(), total};
  }
  uv_os_fd_t socket;
  if (const int error = uv_fileno(&handle_->handle, &socket); error != 0) return error;
  const ssize_t sent = ::send(socket, whole.iov_base, whole.iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return static_cast<int>(sent);
  return errno == EINTR || errno == EWOULDBLOCK || errno == ENOBUFS ? UV_EAGAIN : uv_translate_sys_error(errno);
}

Write Stream::send(std::span<const iovec> given) {
  if (handle_ == nullptr) return Write::failed;
  WEIR_CHECK(given.size() <= kMaxParts, "too many parts in one write");
  std::array<iovec, kMaxParts> kept;
  std::size_t count = 0;
  std::size_t total = 0;
  for (const iovec& part : given) {
    if (part.iov_len == 0) continue;
    kept[count++] = part;
    total += part.iov_len;
  }
  if (total == 0) return socket_queue() == 0 ? Write::done : Write::queued;
  const std::span<const iovec> parts(kept.data(), count);

  std::size_t taken = 0;
  if (socket_queue() == 0) {
    const int outcome = send_now(parts, total);
    if (outcome < 0 && outcome != UV_EAGAIN) {
      if (last_error_ == 0) last_error_ = outcome;  // the first one says what happened
      return Write::failed;
    }
    taken = outcome < 0 ? 0 : static_cast<std::size_t>(outcome);
    if (taken == total) return Write::done;
  }

  auto* queued_write = new QueuedWrite{.request = {}, .bytes = std::make_unique_for_overwrite<char[]>(total - taken)};
  std::size_t copied = 0;
  for (const iovec& part : parts) {
    const std::size_t skip = std::min(taken, part.iov_len);
    taken -= skip;
    if (skip == part.iov_len) continue;
    std::memcpy(queued_write->bytes.get() + copied, static_cast<const char*>(part.iov_base) + skip,
                part.iov_len - skip);
    copied += part.iov_len - skip;
  }
  queued_write->request.data = queued_write;
  const uv_buf_t rest = uv_buf_init(queued_write->bytes.get(), static_cast<unsigned>(copied));
  const int outcome = uv_write(&queued_write->request, &handle_->stream, &rest, 1, StreamHandle::on_written);
  if (outcome != 0) {
    delete queued_write;
    last_error_ = outcome;
    return Write::failed;
  }
  return Write::queued;
}

std::size_t Stream::socket_queue() const { return handle_ == nullptr ? 0 : handle_->stream.write_queue_size; }

std::size_t Stream::queued() const { return socket_queue() + (tls_ == nullptr ? 0 : tls_->held()); }

std::size_t Stream::untaken() const {
  if (handle_ == nullptr) return 0;
  uv_os_fd_t socket;
  int in_kernel = 0;
  if (uv_fileno(&handle_->handle, &socket) != 0 || ::ioctl(socket, SIOCOUTQ, &in_kernel) != 0) in_kernel = 0;
  return queued() + static_cast<std::size_t>(in_kernel);
}

void Stream::shutdown() {
  if (tls_ != nullptr) {
    tls_->shutdown();
  } else {
    shut_socket_down();
  }
}

void Stream::shut_socket_down() {
  if (handle_ == nullptr) return;
  auto request = std::make_unique<uv_shutdown_t>();
  const auto on_shut = [](uv_shutdown_t* shut, int) { delete shut; };
  // An error here means that the connection is gone, which reading tells.
  if (uv_shutdown(request.get(), &handle_->stream, on_shut) == 0) request.release();
}

void Stream::close() {
  if (handle_ == nullptr) return;
  if (tls_ != nullptr) tls_->say_goodbye();
  reading_ = false;
  std::exchange(handle_, nullptr)->close();
}

void Stream::reset() {
  if (handle_ == nullptr) return;
  reading_ = false;
  std::exchange(handle_, nullptr)->reset();
}

bool Stream::is_broken() { return handle_ == nullptr || pending_error() != 0; }

/// A reset that comes along with the last bytes is an end of stream to libuv, and so is one that a write was told of
/// first. It must not be one, since what came may not be all. EPIPE is the reset of a peer that had ended in order before.
int Stream::reset_error_or(int end) {
  pending_error();
  const int error = last_error_;
  return error == 0 || error == UV_EPIPE ? end : error;
}

/// What the kernel has yet to tell of the connection: 0 or a negative errno. Asking takes it away.
int Stream::pending_error() {
  uv_os_fd_t socket;
  int error = 0;
  socklen_t size = sizeof error;
  if (uv_fileno(&handle_->handle, &socket) != 0 || ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
    return UV_EBADF;
  }
  return error == 0 ? 0 : keep_error(uv_translate_sys_error(error));
}

void Stream::watch_peer() {
  if (handle_ != nullptr) handle_->watch_peer();
}

/// An error that the kernel tells of once, whoever asks: what comes after it must know.
int Stream::keep_error(int error) {
  if (last_error_ == 0) last_error_ = error;
  return error;
}

/// What a read would give now: 1 for a byte, 0 for the end, else a negative errno.
int Stream::peek() {
  uv_os_fd_t socket;
  if (handle_ == nullptr) return -ENOTCONN;
  if (const int error = uv_fileno(&handle_->handle, &socket); error != 0) return error;
  char byte;
  const ssize_t count = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count >= 0) return static_cast<int>(count);
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? -EAGAIN : keep_error(-errno);
}

bool Stream::has_bytes() { return peek() > 0; }

bool Stream::has_unread_in_socket() { return peek() != -EAGAIN; }

bool Stream::has_unread() {
  return (tls_ != nullptr && tls_->has_unread()) || has_unread_in_socket();
}

bool Stream::has_ended() {
  const int outcome = peek();
  return outcome <= 0 && outcome != -EAGAIN;
}

void Stream::unwatch_peer() {
  if (handle_ != nullptr) handle_->end_watch();
}

void Stream::probe_peer(Nanos idle) {
  if (handle_ == nullptr || handle_->is_pipe) return;
  uv_tcp_keepalive(&handle_->tcp, 1, static_cast<unsigned>(std::max<std::int64_t>(1, idle / 1s)));
}

std::string Stream::peer_host() const {
  if (handle_ == nullptr || handle_->is_pipe) return "unix:";
  sockaddr_storage storage{};
  int length = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (uv_tcp_getpeername(&handle_->tcp, address, &length) != 0) return "";
  return SocketAddress(address, static_cast<socklen_t>(length)).host();
}

void Stream::start_tls_server(TlsServerContextPtr context, std::span<const char> already_read) {
  if (handle_ == nullptr) return;
  tls_ = std::make_unique<TlsLayer>(*this, std::move(context));
  tls_->begin();
  if (!already_read.empty()) tls_->on_received(already_read);
}

void Stream::start_tls_client(TlsClientContextPtr context, const std::string& server_name) {
  tls_ = std::make_unique<TlsLayer>(*this, std::move(context), server_name);
}

void Stream::fail(int error) {
  last_error_ = error;
  if (tls_ != nullptr && tls_->is_connecting()) {
    owner_->on_connected(*this, error);
  } else {
    owner_->on_failed(*this, error);
  }
}

bool Stream::is_handshaking() const { return tls_ != nullptr && !tls_->is_established(); }

bool Stream::has_received_tls() const { return tls_ != nullptr && tls_->has_received(); }

std::string_view Stream::tls_error() const { return tls_ == nullptr ? std::string_view() : tls_->error(); }

CertificateRefusal Stream::certificate_refusal() const {
  return tls_ == nullptr ? CertificateRefusal::none : tls_->certificate_refusal();
}

std::string Stream::failure_text() const {
  return tls_error().empty() ? error_text(last_error_) : std::string(tls_error());
}

std::string error_text(int error) { return uv_strerror(error); }

}  // namespace weir::net
