#include <weir/net/readable.h>

#include <utility>

#include <fcntl.h>
#include <uv.h>

#include <weir/base/check.h>

namespace weir::net {

struct ReadableHandle {
  uv_poll_t poll;
  Readable* owner;
};

Readable::Readable(Loop& loop, int fd, std::function<void()> on_readable)
    : on_readable_(std::move(on_readable)), handle_(new ReadableHandle{.poll = {}, .owner = this}) {
  // libuv makes it non-blocking, for whoever shares it as well: the shell that waits for its terminal. Waiting alone
  // does not need that.
  const int flags = ::fcntl(fd, F_GETFL);
  WEIR_CHECK(uv_poll_init(loop.raw(), &handle_->poll, fd) == 0, "this kind of file cannot be waited for");
  if (flags != -1) ::fcntl(fd, F_SETFL, flags);
  handle_->poll.data = handle_;
  uv_poll_start(&handle_->poll, UV_READABLE | UV_DISCONNECT, [](uv_poll_t* poll, int, int) {
    Readable* owner = static_cast<ReadableHandle*>(poll->data)->owner;
    if (owner != nullptr) owner->on_readable_();
  });
}

Readable::~Readable() {
  handle_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->poll),
           [](uv_handle_t* closed) { delete static_cast<ReadableHandle*>(closed->data); });
}

}  // namespace weir::net
