#pragma once

#include <functional>
#include <memory>
#include <string>

#include <weir/base/result.h>
#include <weir/net/endpoint.h>
#include <weir/net/loop.h>
#include <weir/net/stream.h>
#include <weir/net/timer.h>

namespace weir::net {

class SocketFile;

struct ListenerHandle;

/// A bound and listening socket, not yet served by any loop. Opened before threads start, so that a port in use is
/// found out at once and a port 0 gets its number.
class ListeningSocket {
 public:
  /// Refuses an address that another program listens on, also where that one would share it. `shared`: others of this
  /// program may be opened beside it. A Unix socket's stale file is removed if nobody answers on it.
  static Result<ListeningSocket> open(const Endpoint& endpoint, bool shared);
  /// Another socket on the address of `first`, which was opened shared: the kernel spreads connections over them
  /// (SO_REUSEPORT), so that every worker can have one of its own.
  static Result<ListeningSocket> open_beside(const ListeningSocket& first);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ~ListeningSocket();

  /// The same socket under another descriptor: what several workers share where SO_REUSEPORT does not exist (Unix).
  Result<ListeningSocket> duplicate() const;
  /// Where it listens in fact: the port that the kernel chose for port 0.
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  friend class Listener;
  void close();
  static Result<ListeningSocket> bind_and_listen(const Endpoint& endpoint, bool shared);
  ListeningSocket(int fd, Endpoint endpoint) : fd_(fd), endpoint_(std::move(endpoint)) {}

  int fd_;
  Endpoint endpoint_;
  std::shared_ptr<const SocketFile> file_;  ///< of a Unix socket, common to its duplicates
};

/// Accepts connections on a listening socket. Where none can be accepted, for want of descriptors as a rule, it leaves them
/// in the kernel's queue for a moment and tries again.
class Listener {
 public:
  using OnConnection = std::function<void(Accepted)>;

  /// `on_pause`: such a moment begins.
  Listener(Loop& loop, ListeningSocket socket, OnConnection on_connection, std::function<void()> on_pause = {});
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// From here on nobody new may connect. On TCP the kernel ignores attempts, as if they had been lost on the way:
  /// connections that it has begun to make are still accepted, and after `close`, which has to follow, a client that tries
  /// again is refused in order. On a Unix socket, for all listeners on it, attempts are refused at once, and what
  /// waits in the queue is accepted within the call.
  void stop_new_connections();
  /// Accepts what waits in the kernel's queue, which closing would reset, and then no more. Idempotent.
  void close();
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  friend struct ListenerHandle;

  void listen();
  void pause(int error);
  void stop_accepting();
  void accept_rest();

  Loop& loop_;
  Endpoint endpoint_;
  OnConnection on_connection_;
  std::function<void()> on_pause_;
  ListeningSocket socket_;  ///< kept, since the handle's descriptor of it is closed in a pause
  Timer end_of_pause_;
  TimePoint said_;  ///< when the log last told of a pause
  ListenerHandle* handle_ = nullptr;
};

}  // namespace weir::net
