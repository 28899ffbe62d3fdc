#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <sys/uio.h>

#include <weir/base/result.h>
#include <weir/net/endpoint.h>
#include <weir/net/loop.h>

namespace weir::net {

class Stream;
struct StreamHandle;
class SocketAddress;

/// Who is told what happens on a stream. Every call comes from the loop's thread and never from inside `write`.
/// In any of them the owner may close the stream; it may not destroy it (hand it to the reaper).
class StreamOwner {
 public:
  /// `data` lies in the loop's shared buffer and is gone after the call.
  virtual void on_data(Stream& stream, std::span<char> data) = 0;
  /// The peer has sent all it will (FIN). The other direction still works.
  virtual void on_end(Stream& stream) = 0;
  /// The connection broke; `error` is a negative errno. Nothing more will come.
  virtual void on_failed(Stream& stream, int error) = 0;
  /// Everything that had to be queued is in the socket now.
  virtual void on_drained(Stream& stream) = 0;
  /// Outcome of `connect`: 0 or a negative errno.
  virtual void on_connected(Stream& stream, int error);

 protected:
  ~StreamOwner() = default;
};

enum class Write : std::uint8_t {
  done,    ///< all of it is in the socket
  queued,  ///< the rest was copied and follows; `on_drained` will tell. Stop producing.
  failed,  ///< the connection is broken; `last_error` says how. No callback follows.
};

/// A connected byte stream: TCP or Unix socket. HOT PATH: no allocation once warm while the socket takes what is
/// written, no lock, no system call but the socket's own, no log.
/// Lifetime: the handle inside outlives the object until libuv lets go of it, so a Stream may be destroyed at once.
class Stream {
 public:
  Stream(Loop& loop, StreamOwner& owner);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Begins to connect; `on_connected` tells the outcome, always later. False: could not even start (`last_error`).
  bool connect(const SocketAddress& address);

  /// Both are cheap when nothing changes; each real change is one epoll_ctl, so only back-pressure uses them.
  void start_reading();
  void stop_reading();
  bool is_reading() const { return reading_; }

  /// Writes at once what the socket takes, copies the rest. At most 1,024 parts.
  Write write(std::span<const iovec> parts);
  Write write(std::string_view bytes);

  /// Bytes accepted by `write` that the socket has not taken yet.
  std::size_t queued() const;

  /// Sends FIN once the queue is empty. Reading goes on.
  void shutdown();
  /// Drops what is queued, closes. No callback follows. Idempotent.
  void close();
  /// As `close`, with RST instead of FIN, so that the peer cannot take a cut answer for a whole one.
  void reset();

  bool is_open() const { return handle_ != nullptr; }
  int last_error() const { return last_error_; }

  /// Address of the other end without port: `127.0.0.1`, `::1`, or `unix:` for a Unix socket.
  std::string peer_host() const;

  void set_owner(StreamOwner& owner) { owner_ = &owner; }
  Loop& loop() { return loop_; }

 private:
  friend struct StreamHandle;
  friend class Listener;

  Loop& loop_;
  StreamOwner* owner_;
  StreamHandle* handle_ = nullptr;
  bool reading_ = false;
  int last_error_ = 0;
};

}  // namespace weir::net
