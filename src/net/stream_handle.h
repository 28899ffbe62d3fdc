#pragma once

#include <uv.h>

#include <weir/net/stream.h>

namespace weir::net {

struct PeerWatch;

/// libuv's side of a Stream. Freed by its close callback; `owner` is null from the moment the Stream lets go.
/// There is one for every idle connection: what only some of them need at some time is allocated then.
struct StreamHandle {
  union {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  };
  Stream* owner = nullptr;
  PeerWatch* watch = nullptr;  ///< while the owner wants to hear of its peer without reading
  bool is_pipe = false;

  static StreamHandle* create(Loop& loop, bool is_pipe);
  static StreamHandle* of(uv_handle_t* handle) { return static_cast<StreamHandle*>(handle->data); }
  static StreamHandle* of(uv_stream_t* stream) { return static_cast<StreamHandle*>(stream->data); }

  void close();
  /// RST where the transport has one.
  void reset();
  void watch_peer();
  void end_watch();

  static void on_allocate(uv_handle_t* handle, std::size_t suggested, uv_buf_t* out);
  static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);
  static void on_connected(uv_connect_t* request, int error);
  static void on_written(uv_write_t* request, int error);
};

}  // namespace weir::net
