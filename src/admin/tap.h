#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "message.h"
#include "tap_filter.h"

namespace weir::admin {

/// One client that watches requests finish: a server-sent event stream (HTML Living Standard, section 9.2). Whoever
/// reads too slowly loses events and is told how many: what waits for it is bounded.
class Tap final : public LiveBody {
 public:
  /// What may wait for a client that does not read.
  static constexpr std::size_t kMaxWaiting = 512 * 1024;

  /// Told when the client is there, and when it has gone.
  using Presence = std::function<void(Tap& tap, bool is_there)>;

  /// `interest` is held as long as the tap is.
  Tap(TapFilter filter, std::shared_ptr<void> interest, Presence presence);

  TapFilter& filter() { return filter_; }

  /// A whole event, its blank line included. It is sent with the next `flush`, or counted as dropped.
  void add(std::string_view event);
  void drop(std::uint64_t events) { dropped_ += events; }
  void flush();
  void comment();

  void on_open(LiveWriter& writer) override;
  void on_drained() override;
  void on_closed() override;

 private:
  TapFilter filter_;
  std::shared_ptr<void> interest_;
  Presence presence_;
  LiveWriter* writer_ = nullptr;
  bool is_full_ = false;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
};

}  // namespace weir::admin
