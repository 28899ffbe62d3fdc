#include <weir/net/signals.h>

#include <utility>

#include <uv.h>

#include <weir/base/check.h>

namespace weir::net {

struct SignalHandle {
  uv_signal_t signal;
  Signals* owner;
};

Signals::Signals(Loop& loop, std::vector<int> signals, OnSignal on_signal) : on_signal_(std::move(on_signal)) {
  for (const int number : signals) {
    auto* handle = new SignalHandle{.signal = {}, .owner = this};
    WEIR_CHECK(uv_signal_init(loop.raw(), &handle->signal) == 0, "libuv refused a signal handle");
    handle->signal.data = handle;
    uv_signal_start(
        &handle->signal,
        [](uv_signal_t* caught, int caught_number) {
          Signals* owner = static_cast<SignalHandle*>(caught->data)->owner;
          if (owner != nullptr) owner->on_signal_(caught_number);
        },
        number);
    handles_.push_back(handle);
  }
}

Signals::~Signals() {
  for (SignalHandle* handle : handles_) {
    handle->owner = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(&handle->signal),
             [](uv_handle_t* closed) { delete static_cast<SignalHandle*>(closed->data); });
  }
}

}  // namespace weir::net
