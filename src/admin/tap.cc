#include "tap.h"

#include <utility>

#include <fmt/format.h>

namespace weir::admin {

namespace {

/// Gathered before it is written: one write for many events.
constexpr std::size_t kBlock = 64 * 1024;

}  // namespace

Tap::Tap(TapFilter filter, std::shared_ptr<void> interest, Presence presence)
    : filter_(std::move(filter)), interest_(std::move(interest)), presence_(std::move(presence)) {}

void Tap::add(std::string_view event) {
  if (dropped_ != 0 || waiting_.size() + event.size() > kMaxWaiting) {
    ++dropped_;
    return;
  }
  waiting_ += event;
  if (waiting_.size() >= kBlock) flush();
}

void Tap::flush() {
  if (writer_ == nullptr || is_full_) return;
  if (dropped_ != 0) {
    waiting_ += fmt::format("event: dropped\ndata: {{\"dropped\":{}}}\n\n", std::exchange(dropped_, 0));
  }
  if (waiting_.empty()) return;
  is_full_ = !writer_->write(std::exchange(waiting_, {}));
}

void Tap::comment() {
  if (waiting_.empty() && !is_full_ && writer_ != nullptr) is_full_ = !writer_->write(": still here\n\n");
}

void Tap::on_open(LiveWriter& writer) {
  writer_ = &writer;
  presence_(*this, true);
  is_full_ = !writer.write(": requests as they finish\n\n");
}

void Tap::on_drained() {
  is_full_ = false;
  flush();
}

void Tap::on_closed() {
  if (std::exchange(writer_, nullptr) != nullptr) presence_(*this, false);
}

}  // namespace weir::admin
