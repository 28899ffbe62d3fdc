#include <weir/net/inbox.h>

#include <utility>

#include <uv.h>

#include <weir/base/check.h>

namespace weir::net {

struct WakeupHandle {
  uv_async_t async;
  Wakeup* owner;
};

Wakeup::Wakeup(Loop& loop, std::function<void()> on_signal)
    : on_signal_(std::move(on_signal)), handle_(new WakeupHandle{.async = {}, .owner = this}) {
  const int outcome = uv_async_init(loop.raw(), &handle_->async, [](uv_async_t* async) {
    Wakeup* owner = static_cast<WakeupHandle*>(async->data)->owner;
    if (owner != nullptr) owner->on_signal_();
  });
  WEIR_CHECK(outcome == 0, "libuv refused a wake-up: is the file descriptor limit reached?");
  handle_->async.data = handle_;
}

Wakeup::~Wakeup() {
  handle_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->async),
           [](uv_handle_t* closed) { delete static_cast<WakeupHandle*>(closed->data); });
}

void Wakeup::signal() { uv_async_send(&handle_->async); }

void Wakeup::keep_loop_alive(bool keeps) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&handle_->async);
  keeps ? uv_ref(handle) : uv_unref(handle);
}

Inbox::Inbox(Loop& loop) : wakeup_(loop, [this] { deliver(); }) {}

void Inbox::post(std::function<void()> letter) {
  {
    const std::lock_guard lock(mutex_);
    letters_.push_back(std::move(letter));
  }
  wakeup_.signal();
}

void Inbox::deliver() {
  std::vector<std::function<void()>> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(letters_);
  }
  for (const auto& letter : letters) letter();
}

}  // namespace weir::net
