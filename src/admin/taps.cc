#include "taps.h"

#include <algorithm>
#include <string>
#include <utility>

#include <weir/export/performance_json.h>

#include "hearing.h"

namespace weir::admin {

namespace {

std::string event_of(const Finished& one, const exporter::Legend& legend) {
  stats::Said said;
  if (one.detail.has_said()) hear(one.detail, said);
  stats::Sample sample = stats::make_sample(one.record, one.detail, said, one.ended);
  if (one.record.has(stats::kSlow)) sample.slow_reason = stats::SlowReason::threshold;
  return "data: " + exporter::sample_json(sample, legend) + "\n\n";
}

}  // namespace

Taps::Taps(net::Loop& loop, Bookkeeper& bookkeeper, Nanos comment_interval)
    : bookkeeper_(bookkeeper),
      comment_interval_(comment_interval),
      comment_(loop, [this] {
        for (Tap* tap : std::vector<Tap*>(taps_)) tap->comment();
      }),
      self_(std::make_shared<Taps*>(this)) {}

Taps::~Taps() {
  if (!interest_.expired()) bookkeeper_.set_watch({});
}

std::shared_ptr<void> Taps::interest() {
  if (auto held = interest_.lock()) return held;
  bookkeeper_.set_watch(
      [this](std::span<const Finished> finished, std::uint64_t left_out) { show(finished, left_out); });
  std::shared_ptr<void> held(this, [self = std::weak_ptr<Taps*>(self_)](void*) {
    const auto taps = self.lock();
    if (taps != nullptr) (*taps)->bookkeeper_.set_watch({});
  });
  interest_ = held;
  return held;
}

std::shared_ptr<Tap> Taps::make(TapFilter filter, std::shared_ptr<void> interest) {
  legend_.reset();
  return std::make_shared<Tap>(std::move(filter), std::move(interest), [this](Tap& tap, bool is_there) {
    on_presence(tap, is_there);
  });
}

void Taps::on_presence(Tap& tap, bool is_there) {
  if (is_there) {
    taps_.push_back(&tap);
    if (!comment_.is_running()) comment_.start(comment_interval_, comment_interval_);
  } else {
    std::erase(taps_, &tap);
    if (taps_.empty()) comment_.stop();
  }
}

void Taps::resolve_filters() {
  auto legend = bookkeeper_.legend();
  if (legend == legend_) return;
  legend_ = std::move(legend);
  for (Tap* tap : taps_) tap->filter().resolve(std::as_const(bookkeeper_).book());
}

void Taps::show(std::span<const Finished> finished, std::uint64_t left_out) {
  if (taps_.empty()) return;
  resolve_filters();
  // A copy: one whose client has gone leaves the list while it is written to.
  const std::vector<Tap*> taps = taps_;
  for (const Finished& one : finished) {
    std::string event;
    for (Tap* tap : taps) {
      if (!tap->filter().lets_through(one.record)) continue;
      if (event.empty()) event = event_of(one, *legend_);
      tap->add(event);
    }
  }
  for (Tap* tap : taps) {
    tap->drop(left_out);
    tap->flush();
  }
}

}  // namespace weir::admin
