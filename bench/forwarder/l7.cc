// The least that HTTP on libuv can cost: the forwarder, plus a pool of upstream connections, a scan of each head, two
// clock reads and one added header. It believes what it reads: it is a yardstick, never a proxy to use.
// usage: l7 LISTEN_PORT UPSTREAM_PORT, both on 127.0.0.1
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <strings.h>
#include <uv.h>

namespace {

constexpr std::size_t kBufferBytes = 32 * 1024;
char g_buffer[kBufferBytes];
sockaddr_in g_upstream;

struct Upstream;

struct Client {
  uv_tcp_t tcp;
  Upstream* upstream = nullptr;
  std::uint64_t begun_ns = 0;
  std::uint64_t body_left = 0;
  bool closes = false;
  std::string held;  ///< of a request whose upstream connects
};

struct Upstream {
  uv_tcp_t tcp;
  uv_connect_t connecting;
  Client* client = nullptr;
  bool is_connected = false;
  bool is_in_head = true;
  std::uint64_t body_left = 0;
};

struct Rest {
  uv_write_t request;
  uv_stream_t* from;
  uv_read_cb on_read;
  std::string bytes;
};

std::vector<Upstream*> g_idle;

template <typename Side>
uv_stream_t* stream_of(Side& side) {
  return reinterpret_cast<uv_stream_t*>(&side.tcp);
}

template <typename Side>
void close_side(Side* side) {
  uv_close(reinterpret_cast<uv_handle_t*>(&side->tcp), [](uv_handle_t* handle) { delete static_cast<Side*>(handle->data); });
}

void on_allocate(uv_handle_t*, std::size_t, uv_buf_t* out) { *out = uv_buf_init(g_buffer, kBufferBytes); }
void on_client_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);
void on_upstream_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);

uv_buf_t part(std::string_view bytes) { return uv_buf_init(const_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size())); }

/// Writes what the socket takes; the rest is kept, and `from` is not read until it has gone.
void forward(uv_stream_t* from, uv_stream_t* to, uv_buf_t* parts, unsigned count) {
  const int written = uv_try_write(to, parts, count);
  std::size_t done = written < 0 ? 0 : static_cast<std::size_t>(written);
  std::string left;
  for (unsigned i = 0; i < count; ++i) {
    const std::size_t skip = std::min(done, parts[i].len);
    done -= skip;
    left.append(parts[i].base + skip, parts[i].len - skip);
  }
  if (left.empty()) return;
  auto* rest = new Rest{.request = {}, .from = from, .on_read = from->read_cb, .bytes = std::move(left)};
  rest->request.data = rest;
  uv_read_stop(from);
  const uv_buf_t bytes = part(rest->bytes);
  uv_write(&rest->request, to, &bytes, 1, [](uv_write_t* request, int error) {
    auto* finished = static_cast<Rest*>(request->data);
    if (error == 0) uv_read_start(finished->from, on_allocate, finished->on_read);
    delete finished;
  });
}

/// The head up to and with its empty line; the length of the body that it names.
std::size_t head_size(std::string_view data) {
  const std::size_t end = data.find("\r\n\r\n");
  return end == std::string_view::npos ? 0 : end + 4;
}

std::uint64_t body_length(std::string_view head) {
  for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2);
    if (line.size() < 16 || strncasecmp(line.data(), "content-length: ", 16) != 0) continue;
    std::uint64_t length = 0;
    std::from_chars(line.data() + 16, line.data() + line.size(), length);
    return length;
  }
  return 0;
}

void close_client(Client* client) {
  if (client->upstream != nullptr) {
    client->upstream->client = nullptr;
    close_side(client->upstream);
  }
  close_side(client);
}

void attach(Client* client) {
  if (!g_idle.empty()) {
    client->upstream = g_idle.back();
    g_idle.pop_back();
    client->upstream->client = client;
    client->upstream->is_in_head = true;
    return;
  }
  auto* upstream = new Upstream;
  client->upstream = upstream;
  upstream->client = client;
  uv_tcp_init(uv_default_loop(), &upstream->tcp);
  upstream->tcp.data = upstream;
  uv_tcp_nodelay(&upstream->tcp, 1);
  uv_tcp_connect(&upstream->connecting, &upstream->tcp, reinterpret_cast<sockaddr*>(&g_upstream), [](uv_connect_t* request, int error) {
    auto* self = static_cast<Upstream*>(request->handle->data);
    Client* owner = self->client;
    if (owner == nullptr) return;
    if (error != 0) {
      close_client(owner);
      return;
    }
    self->is_connected = true;
    uv_read_start(stream_of(*self), on_allocate, on_upstream_read);
    uv_buf_t held = part(owner->held);
    forward(stream_of(*owner), stream_of(*self), &held, 1);
    owner->held.clear();
  });
}

void on_client_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  auto* client = static_cast<Client*>(stream->data);
  if (count < 0) {
    close_client(client);
    return;
  }
  std::string_view data(buffer->base, static_cast<std::size_t>(count));
  uv_buf_t parts[2] = {part(data), part({})};
  if (client->body_left > 0) {
    client->body_left -= data.size();
  } else if (!data.empty()) {
    client->begun_ns = uv_hrtime();
    const std::size_t size = head_size(data);
    if (size == 0) {
      close_client(client);  // a head in two pieces does not come from a load generator
      return;
    }
    const std::string_view head = data.substr(0, size);
    client->body_left = body_length(head) - (data.size() - size);
    constexpr std::string_view kClose = "\r\nConnection: close";
    const std::size_t close_at = head.find(kClose);
    client->closes = close_at != std::string_view::npos;
    if (client->closes) {
      parts[0] = part(data.substr(0, close_at));
      parts[1] = part(data.substr(close_at + kClose.size()));
    }
    attach(client);
  }
  if (client->upstream == nullptr) return;
  if (!client->upstream->is_connected) {
    for (const uv_buf_t& each : parts) client->held.append(each.base, each.len);
    return;
  }
  forward(stream, stream_of(*client->upstream), parts, parts[1].len > 0 ? 2 : 1);
}

void on_upstream_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  auto* upstream = static_cast<Upstream*>(stream->data);
  Client* client = upstream->client;
  if (count < 0 || client == nullptr) {
    if (count == 0) return;
    std::erase(g_idle, upstream);
    if (client != nullptr) {
      close_client(client);
    } else {
      close_side(upstream);
    }
    return;
  }
  const std::string_view data(buffer->base, static_cast<std::size_t>(count));
  if (!upstream->is_in_head) {
    upstream->body_left -= data.size();
    uv_buf_t all = part(data);
    forward(stream, stream_of(*client), &all, 1);
  } else {
    const std::size_t size = head_size(data);
    if (size == 0) {
      close_client(client);
      return;
    }
    upstream->is_in_head = false;
    upstream->body_left = body_length(data.substr(0, size)) - (data.size() - size);
    char added[64];
    const int length = std::snprintf(added, sizeof added, "X-Response-Time: %.3fms\r\n%s\r\n",
                                     static_cast<double>(uv_hrtime() - client->begun_ns) / 1e6,
                                     client->closes ? "Connection: close\r\n" : "");
    uv_buf_t parts[3] = {part(data.substr(0, size - 2)), part({added, static_cast<std::size_t>(length)}), part(data.substr(size))};
    forward(stream, stream_of(*client), parts, 3);
  }
  if (upstream->body_left > 0) return;
  client->upstream = nullptr;
  upstream->client = nullptr;
  g_idle.push_back(upstream);
  if (!client->closes) return;
  if (stream_of(*client)->write_queue_size == 0) {
    close_side(client);
  } else {
    uv_read_start(stream_of(*client), on_allocate, on_client_read);  // its end closes it
  }
}

void on_connection(uv_stream_t* server, int error) {
  if (error != 0) return;
  auto* client = new Client;
  uv_tcp_init(uv_default_loop(), &client->tcp);
  client->tcp.data = client;
  if (uv_accept(server, stream_of(*client)) != 0) {
    close_side(client);
    return;
  }
  uv_tcp_nodelay(&client->tcp, 1);
  uv_read_start(stream_of(*client), on_allocate, on_client_read);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: l7 LISTEN_PORT UPSTREAM_PORT\n", stderr);
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
    std::fprintf(stderr, "l7: cannot listen on 127.0.0.1:%s: %s\n", arguments[1], uv_strerror(error));
    return 1;
  }
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
