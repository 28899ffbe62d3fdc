#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <weir/admin/bookkeeper.h>
#include <weir/net/timer.h>

#include "tap.h"

namespace weir::admin {

/// All who watch requests finish. Where there are none, nothing is asked of the workers.
/// Thread: the control thread.
class Taps {
 public:
  static constexpr std::size_t kMost = 16;

  Taps(net::Loop& loop, Bookkeeper& bookkeeper, Nanos comment_interval);
  ~Taps();
  Taps(const Taps&) = delete;
  Taps& operator=(const Taps&) = delete;

  bool is_full() const { return taps_.size() >= kMost; }
  /// As long as one of these is held the workers send the texts of all requests.
  std::shared_ptr<void> interest();
  std::shared_ptr<Tap> make(TapFilter filter, std::shared_ptr<void> interest);

 private:
  void show(std::span<const Finished> finished, std::uint64_t left_out);
  void resolve_filters();
  void on_presence(Tap& tap, bool is_there);

  Bookkeeper& bookkeeper_;
  const Nanos comment_interval_;
  net::Timer comment_;
  std::vector<Tap*> taps_;
  std::shared_ptr<const exporter::Legend> legend_;  ///< that the filters were resolved with
  std::weak_ptr<void> interest_;
  std::shared_ptr<Taps*> self_;
};

}  // namespace weir::admin
