#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <sys/uio.h>

#include <weir/net/loop.h>

namespace weir::net {

class Stream;
class SocketAddress;
class TlsLayer;
class TlsServerContext;
class TlsClientContext;
struct StreamHandle;

using TlsServerContextPtr = std::shared_ptr<const TlsServerContext>;
using TlsClientContextPtr = std::shared_ptr<const TlsClientContext>;

/// What was wrong with a peer's certificate.
enum class CertificateRefusal : std::uint8_t {
  none,
  unknown_authority,  ///< nobody who is trusted has signed it
  other_name,         ///< it is of another host
  other,              ///< its time is over, its signature is wrong, …
};

/// Who is told what happens on a stream. Every call comes from the loop, never from inside a call of the stream's own.
/// In any of them the owner may close the stream; it may not destroy it (the reaper does).
class StreamOwner {
 public:
  /// `data` lies in the loop's shared buffer and is gone after the call.
  virtual void on_data(Stream& stream, std::span<char> data) = 0;
  /// The peer has sent all it will (FIN, or close_notify in TLS). The other direction still works.
  virtual void on_end(Stream& stream) = 0;
  /// The connection broke; `error` is a negative errno. Nothing more will come, nothing more can be sent. A server whose
  /// TLS connection ends without close_notify counts as that: what came may not be all.
  virtual void on_failed(Stream& stream, int error) = 0;
  /// Everything that had to be queued is in the socket now.
  virtual void on_drained(Stream& stream) = 0;
  /// Outcome of `connect`, in TLS with its handshake: 0 or a negative errno.
  virtual void on_connected(Stream& stream, int error);
  /// Only after `watch_peer`, while the stream does not read: the peer has ended its direction. Bytes it sent before may
  /// still be unread.
  virtual void on_peer_ended(Stream& stream);

 protected:
  ~StreamOwner() = default;
};

/// A connection that a Listener has accepted and that no Stream has yet. Closed if nobody adopts it.
class Accepted {
 public:
  explicit Accepted(StreamHandle* handle) : handle_(handle) {}
  Accepted(Accepted&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Accepted& operator=(Accepted&&) = delete;
  ~Accepted();

 private:
  friend class Stream;
  StreamHandle* handle_;
};

enum class Write : std::uint8_t {
  done,    ///< all of it is in the socket
  queued,  ///< the rest was copied and follows; `on_drained` will tell. Stop producing.
  failed,  ///< the connection is broken, `last_error` says how; nothing can be sent any more
};

/// A byte stream: TCP or Unix socket, with or without TLS, which its owner need not know of. HOT PATH: once warm, and while the socket takes what is written, no allocation,
/// no lock, no system call but the socket's own, no log.
/// Lifetime: libuv's handle outlives the object until libuv lets go of it, so a Stream may be destroyed at once.
class Stream {
 public:
  Stream(Loop& loop, StreamOwner& owner);
  Stream(Loop& loop, StreamOwner& owner, Accepted accepted);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Begins to connect; `on_connected` tells the outcome, always later. False: could not start, see `last_error`.
  bool connect(const SocketAddress& address);

  /// TLS on a connection that was accepted, from here on; `already_read`: what came of it so far. Begins to read. A
  /// handshake that fails is told with `on_failed`, at once where `already_read` makes it fail; bounding its time is the
  /// owner's business. What is written before it is through waits for it.
  void start_tls_server(TlsServerContextPtr context, std::span<const char> already_read = {});
  /// Before `connect`: TLS to `server_name`, a host name or an IP address. Where a server's first bytes come along with
  /// the end of the handshake, `on_data` follows `on_connected` at once, asked for or not.
  void start_tls_client(TlsClientContextPtr context, const std::string& server_name);
  bool is_tls() const { return tls_ != nullptr; }
  /// TLS was begun and its handshake is not through.
  bool is_handshaking() const;
  /// Something of the peer's TLS has come.
  bool has_received_tls() const;

  /// Both cost nothing when nothing changes; each real change is one epoll_ctl, so only back-pressure uses them.
  void start_reading();
  void stop_reading();
  bool is_reading() const { return reading_; }

  /// Writes at once what the socket takes and copies the rest. At most 64 parts.
  Write write(std::span<const iovec> parts);
  Write write(std::string_view bytes);

  /// Bytes taken by `write` that are not in the socket yet.
  std::size_t queued() const;
  /// Those, and what of the rest the other end has not taken out of the kernel yet. Falls as long as somebody reads there.
  /// A system call.
  std::size_t untaken() const;

  /// Sends FIN once the queue is empty, in TLS close_notify before it. Reading goes on.
  void shutdown();
  /// Drops what is queued and closes; in TLS with close_notify if nothing was queued. No callback follows. Idempotent.
  void close();
  /// As `close`, with RST in place of FIN, so that the peer cannot take a cut answer for a whole one.
  void reset();

  /// Watches for the peer's end and for failures while nothing is read or written, which libuv does not do: then
  /// `on_peer_ended` or `on_failed` follows. Also after the end was read: a failure is told all the same. Lasts until the
  /// stream is closed, but an end that is found while the stream reads is left to reading; call it again after
  /// `stop_reading`. Costs a descriptor; without one the stream is as before.
  void watch_peer();
  /// Gives the descriptor back.
  void unwatch_peer();
  /// Has the kernel ask a silent peer whether it still lives (TCP keep-alive), first after `idle`, a second at least.
  void probe_peer(Nanos idle);

  bool is_open() const { return handle_ != nullptr; }
  /// Whether the peer's reset has come, which a stream that no longer reads is not told of. A system call.
  bool is_broken();
  /// Whether something has come that the owner was not told of yet, bytes or an end. A system call.
  bool has_unread();
  /// The same of the socket alone, which says nothing of half a TLS record that was read.
  bool has_unread_in_socket();
  /// Whether bytes of the peer's lie in the socket unread. A system call.
  bool has_bytes();
  /// Whether the other end has ended or broken the connection, and everything before that was read. A system call.
  bool has_ended();
  /// Negative errno of what went wrong last; 0 if nothing did.
  int last_error() const { return last_error_; }
  /// The same for people: what TLS says of it (`the certificate is refused: certificate has expired`), else the errno.
  std::string failure_text() const;
  /// What TLS had to say when it failed; empty if it did not.
  std::string_view tls_error() const;
  /// What was wrong with the peer's certificate, so that callers can say what to do.
  CertificateRefusal certificate_refusal() const;

  /// The other end without its port: `127.0.0.1`, `::1`, or `unix:` for a Unix socket.
  std::string peer_host() const;

  void set_owner(StreamOwner& owner) { owner_ = &owner; }
  Loop& loop() { return loop_; }

 private:
  friend struct StreamHandle;
  friend struct PeerWatch;
  friend class TlsLayer;

  /// To the socket as it is.
  Write send(std::span<const iovec> parts);
  int send_now(std::span<const iovec> parts, std::size_t total);
  int peek();
  std::size_t socket_queue() const;
  int pending_error();
  int keep_error(int error);
  int reset_error_or(int end);
  void shut_socket_down();
  void fail(int error);

  Loop& loop_;
  StreamOwner* owner_;
  StreamHandle* handle_ = nullptr;
  bool reading_ = false;
  int last_error_ = 0;
  std::unique_ptr<TlsLayer> tls_;  ///< null on a plain stream
};

/// `connection refused`, `broken pipe`: what a negative errno means, for logs and problem details.
std::string error_text(int error);

}  // namespace weir::net
