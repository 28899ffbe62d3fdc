#include <weir/net/work.h>

#include <memory>
#include <utility>

#include <uv.h>

#include <weir/base/check.h>

namespace weir::net {

struct WorkRequest {
  uv_work_t request;
  Work* owner;  ///< null once it is gone
  std::function<void()> job;
  std::function<void()> done;

  static void on_done(uv_work_t* finished, int) {
    const std::unique_ptr<WorkRequest> self(static_cast<WorkRequest*>(finished->data));
    if (self->owner == nullptr) return;
    std::erase(self->owner->pending_, self.get());
    self->done();
  }
};

Work::~Work() {
  for (WorkRequest* request : pending_) request->owner = nullptr;
}

void Work::run(std::function<void()> job, std::function<void()> done) {
  auto* request = new WorkRequest{.request = {}, .owner = this, .job = std::move(job), .done = std::move(done)};
  request->request.data = request;
  pending_.push_back(request);
  const int outcome = uv_queue_work(
      loop_.raw(), &request->request, [](uv_work_t* work) { static_cast<WorkRequest*>(work->data)->job(); },
      WorkRequest::on_done);
  WEIR_CHECK(outcome == 0, "libuv's pool refused work");
}

}  // namespace weir::net
