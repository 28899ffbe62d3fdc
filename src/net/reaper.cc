#include <weir/net/reaper.h>

#include <utility>

#include <uv.h>

namespace weir::net {

Reaper::Reaper(uv_loop_s* loop) : before_wait_(new uv_prepare_t), after_wait_(new uv_check_t) {
  uv_prepare_init(loop, before_wait_);
  uv_check_init(loop, after_wait_);
  before_wait_->data = this;
  after_wait_->data = this;
  // Before the wait: what timers handed over. After it: what sockets handed over.
  uv_prepare_start(before_wait_, [](uv_prepare_t* handle) { static_cast<Reaper*>(handle->data)->reap(); });
  uv_check_start(after_wait_, [](uv_check_t* handle) { static_cast<Reaper*>(handle->data)->reap(); });
  uv_unref(reinterpret_cast<uv_handle_t*>(before_wait_));
  uv_unref(reinterpret_cast<uv_handle_t*>(after_wait_));
}

Reaper::~Reaper() {
  reap();
  const auto free_prepare = [](uv_handle_t* handle) { delete reinterpret_cast<uv_prepare_t*>(handle); };
  const auto free_check = [](uv_handle_t* handle) { delete reinterpret_cast<uv_check_t*>(handle); };
  uv_close(reinterpret_cast<uv_handle_t*>(before_wait_), free_prepare);
  uv_close(reinterpret_cast<uv_handle_t*>(after_wait_), free_check);
}

void Reaper::later(const OwnerToken& owner, std::function<void()> call) {
  calls_.push_back([life = std::weak_ptr(owner.life_), call = std::move(call)] {
    if (!life.expired()) call();
  });
}

void Reaper::reap() {
  while (!calls_.empty() || !doomed_.empty()) {
    for (const auto& call : std::exchange(calls_, {})) call();
    const std::vector<std::unique_ptr<Reapable>> dead = std::exchange(doomed_, {});
  }
}

}  // namespace weir::net
