#include "connection.h"

#include <array>
#include <utility>

namespace generator {
namespace {

std::array<char, 64 * 1024> g_read_buffer;

}  // namespace

struct Connection::Socket {
  uv_tcp_t tcp;
  uv_connect_t connecting;
  uv_write_t writing;
  Connection* owner;
  std::string rest;  ///< what the socket has not taken yet

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp); }
  static Socket* of(void* handle) { return static_cast<Socket*>(static_cast<uv_handle_t*>(handle)->data); }
};

Connection::Connection(uv_loop_t& loop, const sockaddr_storage& address, ConnectionOwner& owner)
    : loop_(loop), address_(address), owner_(owner) {}

Connection::~Connection() { close(); }

void Connection::open() {
  close();
  socket_ = new Socket{};
  socket_->owner = this;
  uv_tcp_init(&loop_, &socket_->tcp);
  socket_->tcp.data = socket_;
  const auto on_done = [](uv_connect_t* request, int error) {
    Connection* owner = Socket::of(request->handle)->owner;
    if (owner != nullptr) owner->on_connected(error);
  };
  const int error = uv_tcp_connect(&socket_->connecting, &socket_->tcp, reinterpret_cast<const sockaddr*>(&address_), on_done);
  if (error != 0) on_connected(error);
}

void Connection::on_connected(int error) {
  if (error != 0) {
    close();
    if (is_busy_) finish(false);
    owner_.on_opened(*this);
    return;
  }
  is_connected_ = true;
  uv_tcp_nodelay(&socket_->tcp, 1);
  uv_read_start(
      socket_->stream(), [](uv_handle_t*, std::size_t, uv_buf_t* out) { *out = uv_buf_init(g_read_buffer.data(), g_read_buffer.size()); },
      [](uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
        Connection* owner = Socket::of(stream)->owner;
        if (owner != nullptr && count != 0) owner->on_read(count, buffer->base);
      });
  if (is_busy_) write_request();
  owner_.on_opened(*this);
}

void Connection::send(std::string request, std::uint64_t intended_ns) {
  request_ = std::move(request);
  intended_ns_ = intended_ns;
  is_busy_ = true;
  answer_.start();
  if (is_connected_) {
    write_request();
  } else {
    open();
  }
}

void Connection::write_request() {
  uv_buf_t all = uv_buf_init(request_.data(), static_cast<unsigned>(request_.size()));
  const int outcome = uv_try_write(socket_->stream(), &all, 1);
  const std::size_t taken = outcome < 0 ? 0 : static_cast<std::size_t>(outcome);
  if (taken == request_.size()) return;
  // An error shows when reading, where it ends the request.
  socket_->rest = request_.substr(taken);
  uv_buf_t rest = uv_buf_init(socket_->rest.data(), static_cast<unsigned>(socket_->rest.size()));
  uv_write(&socket_->writing, socket_->stream(), &rest, 1, [](uv_write_t*, int) {});
}

void Connection::on_read(ssize_t count, const char* bytes) {
  if (count < 0) {
    answer_.end_with_connection();
    const bool is_whole = is_busy_ && answer_.is_done();
    close();
    if (is_busy_) finish(is_whole);
    return;
  }
  if (!is_busy_) return;
  answer_.feed({bytes, static_cast<std::size_t>(count)});
  if (answer_.is_broken()) {
    close();
    finish(false);
  } else if (answer_.is_done()) {
    if (answer_.closes()) close();
    finish(true);
  }
}

void Connection::finish(bool is_whole) {
  is_busy_ = false;
  owner_.on_finished(*this, is_whole);
}

void Connection::close() {
  is_connected_ = false;
  if (socket_ == nullptr) return;
  socket_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&socket_->tcp), [](uv_handle_t* handle) { delete Socket::of(handle); });
  socket_ = nullptr;
}

}  // namespace generator
