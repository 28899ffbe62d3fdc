#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <weir/base/clock.h>
#include <weir/net/reaper.h>

struct uv_loop_s;

namespace weir::net {

struct TlsBuffers;

/// One event loop (libuv) of one thread, with the read buffer that its streams share and the reaper of its objects.
/// Thread: everything happens on the thread that calls `run`, but for `Wakeup::signal` and `Inbox::post`.
class Loop {
 public:
  /// One read never yields more. 32 KiB: larger reads leave runt segments on loopback and cost more CPU a byte.
  static constexpr std::size_t kReadBufferBytes = 32 * 1024;

  Loop();
  /// Every handle must be closed or closing by now; one that is still open is a bug (WEIR_CHECK).
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until every handle that keeps the loop alive is closed, or until `stop`.
  void run();
  /// Makes `run` return after this turn.
  void stop();
  /// One turn: waits for an event if `wait`, runs what is ready. True while handles keep the loop alive.
  bool turn(bool wait);

  Reaper& reaper() { return *reaper_; }
  /// Where every stream of this loop reads to; what is in it lasts as long as the callback.
  std::span<char> read_buffer() { return {read_buffer_.get(), kReadBufferBytes}; }
  /// The same for TLS. Made when it is first asked for.
  TlsBuffers& tls_buffers();
  uv_loop_s* raw() { return loop_.get(); }

 private:
  struct Free {
    void operator()(uv_loop_s* loop) const;
  };
  std::unique_ptr<uv_loop_s, Free> loop_;
  std::unique_ptr<char[]> read_buffer_;
  std::unique_ptr<TlsBuffers> tls_buffers_;
  std::unique_ptr<Reaper> reaper_;
};

}  // namespace weir::net
