#include <weir/net/loop.h>

#include <uv.h>

#include <weir/base/check.h>

#include "tls_layer.h"

namespace weir::net {

void Loop::Free::operator()(uv_loop_s* loop) const { delete loop; }

Loop::Loop() : loop_(new uv_loop_t), read_buffer_(new char[kReadBufferBytes]) {
  WEIR_CHECK(uv_loop_init(loop_.get()) == 0, "the kernel gives no event loop: is the file descriptor limit reached?");
  reaper_ = std::make_unique<Reaper>(loop_.get());
}

Loop::~Loop() {
  reaper_.reset();
  uv_walk(
      loop_.get(),
      [](uv_handle_t* handle, void*) { WEIR_CHECK(uv_is_closing(handle) != 0, "a handle outlived its loop"); },
      nullptr);
  // Lets the close callbacks run, which free the handles, and waits for jobs of `Work` that have begun.
  while (uv_run(loop_.get(), UV_RUN_ONCE) != 0) {
  }
  WEIR_CHECK(uv_loop_close(loop_.get()) == 0, "a handle outlived its loop");
}

TlsBuffers& Loop::tls_buffers() {
  if (tls_buffers_ == nullptr) tls_buffers_ = std::make_unique<TlsBuffers>();
  return *tls_buffers_;
}

void Loop::run() { uv_run(loop_.get(), UV_RUN_DEFAULT); }

void Loop::stop() { uv_stop(loop_.get()); }

bool Loop::turn(bool wait) { return uv_run(loop_.get(), wait ? UV_RUN_ONCE : UV_RUN_NOWAIT) != 0; }

}  // namespace weir::net
