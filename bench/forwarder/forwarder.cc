// The floor: a TCP forwarder on libuv that reads nothing into what it moves. No HTTP proxy on libuv can cost less.
// usage: forwarder LISTEN_PORT UPSTREAM_PORT, both on 127.0.0.1
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>

#include <uv.h>

namespace {

constexpr std::size_t kBufferBytes = 32 * 1024;
char g_buffer[kBufferBytes];
sockaddr_in g_upstream;

struct Pair;

struct Side {
  uv_tcp_t tcp;
  Pair* pair;
  Side* other;
};

struct Pair {
  Side client;
  Side upstream;
  uv_connect_t connecting;
  int open = 2;
  bool is_closing = false;
};

struct Rest {
  uv_write_t request;
  Side* from;
  std::unique_ptr<char[]> bytes;
};

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);

void on_allocate(uv_handle_t*, std::size_t, uv_buf_t* out) { *out = uv_buf_init(g_buffer, kBufferBytes); }

uv_stream_t* stream_of(Side& side) { return reinterpret_cast<uv_stream_t*>(&side.tcp); }

void close_pair(Pair* pair) {
  if (pair->is_closing) return;
  pair->is_closing = true;
  const auto on_closed = [](uv_handle_t* handle) {
    Pair* owner = static_cast<Side*>(handle->data)->pair;
    if (--owner->open == 0) delete owner;
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&pair->client.tcp), on_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&pair->upstream.tcp), on_closed);
}

/// Writes what the socket takes; reading from the other side stops until the rest is through.
void forward(Side* from, const char* bytes, std::size_t size) {
  uv_buf_t all = uv_buf_init(const_cast<char*>(bytes), static_cast<unsigned>(size));
  const int written = uv_try_write(stream_of(*from->other), &all, 1);
  if (written == static_cast<int>(size)) return;
  if (written < 0 && written != UV_EAGAIN) {
    close_pair(from->pair);
    return;
  }
  const std::size_t done = written < 0 ? 0 : static_cast<std::size_t>(written);
  auto* rest = new Rest{.request = {}, .from = from, .bytes = std::make_unique_for_overwrite<char[]>(size - done)};
  rest->request.data = rest;
  std::memcpy(rest->bytes.get(), bytes + done, size - done);
  uv_buf_t left = uv_buf_init(rest->bytes.get(), static_cast<unsigned>(size - done));
  uv_read_stop(stream_of(*from));
  uv_write(&rest->request, stream_of(*from->other), &left, 1, [](uv_write_t* request, int error) {
    auto* finished = static_cast<Rest*>(request->data);
    if (error == 0) uv_read_start(stream_of(*finished->from), on_allocate, on_read);
    delete finished;
  });
}

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  Side* side = static_cast<Side*>(stream->data);
  if (count < 0) {
    close_pair(side->pair);
  } else if (count > 0) {
    forward(side, buffer->base, static_cast<std::size_t>(count));
  }
}

void on_connection(uv_stream_t* server, int error) {
  if (error != 0) return;
  auto* pair = new Pair;
  for (Side* side : {&pair->client, &pair->upstream}) {
    side->pair = pair;
    side->other = side == &pair->client ? &pair->upstream : &pair->client;
    uv_tcp_init(server->loop, &side->tcp);
    side->tcp.data = side;
  }
  uv_accept(server, stream_of(pair->client));
  uv_tcp_nodelay(&pair->client.tcp, 1);
  pair->connecting.data = pair;
  const auto on_connected = [](uv_connect_t* request, int outcome) {
    auto* connected = static_cast<Pair*>(request->data);
    if (outcome != 0) {
      close_pair(connected);
      return;
    }
    uv_tcp_nodelay(&connected->upstream.tcp, 1);
    uv_read_start(stream_of(connected->client), on_allocate, on_read);
    uv_read_start(stream_of(connected->upstream), on_allocate, on_read);
  };
  uv_tcp_connect(&pair->connecting, &pair->upstream.tcp, reinterpret_cast<sockaddr*>(&g_upstream), on_connected);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: forwarder LISTEN_PORT UPSTREAM_PORT\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);  // a client that hangs up ends its own connection alone
  sockaddr_in listen_on;
  uv_ip4_addr("127.0.0.1", std::atoi(arguments[1]), &listen_on);
  uv_ip4_addr("127.0.0.1", std::atoi(arguments[2]), &g_upstream);
  uv_tcp_t server;
  uv_tcp_init(uv_default_loop(), &server);
  uv_tcp_bind(&server, reinterpret_cast<sockaddr*>(&listen_on), 0);
  if (const int error = uv_listen(reinterpret_cast<uv_stream_t*>(&server), 4096, on_connection); error != 0) {
    std::fprintf(stderr, "forwarder: cannot listen on 127.0.0.1:%s: %s\n", arguments[1], uv_strerror(error));
    return 1;
  }
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
