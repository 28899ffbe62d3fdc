#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <weir/stats/sample.h>

#include "top_band.h"

namespace weir::stats {

/// So many samples out of a stream, each as likely, for every stretch of time up to now: every one gets a random key,
/// the lowest keys stay. Draws of parts of a stream that use the same keys fit together: see `ceiling`.
class Draw {
 public:
  explicit Draw(std::size_t limit) : band_(limit) {}

  void add(const SamplePtr& sample, std::uint64_t key) {
    band_.add(sample, ~key, [this](const TopBand::Entry& lost) { note_lost(lost.at(), ~lost.score); });
  }
  void set_limit(std::size_t limit) {
    band_.set_best(limit, [this](const TopBand::Entry& lost) { note_lost(lost.at(), ~lost.score); });
  }
  template <class Lost>
  void cut(std::size_t most, Lost on_lost) {
    band_.cut(most, [&](const TopBand::Entry& lost) {
      note_lost(lost.at(), ~lost.score);
      on_lost(lost);
    });
  }

  /// All that came at `from` or later with a key below it is here still, so that those are a fair draw, whatever was
  /// taken out of it by a reset.
  std::uint64_t ceiling(std::int64_t from) const {
    for (const Lost& lost : lost_) {
      if (lost.at >= from) return lost.key;
    }
    return UINT64_MAX;
  }
  static std::uint64_t key_of(const TopBand::Entry& entry) { return ~entry.score; }
  TopBand& band() { return band_; }
  const TopBand& band() const { return band_; }
  /// Takes in the draw of another part of the stream.
  void merge(const Draw& other) {
    for (const Lost& lost : other.lost_) note_lost(lost.at, lost.key);
    for (const TopBand::Entry& entry : other.band_.entries()) add(entry.sample, key_of(entry));
  }

 private:
  struct Lost {
    std::int64_t at;
    std::uint64_t key;
  };
  static constexpr std::size_t kMostLost = 64;

  /// Keeps the lowest key of every stretch of time: older before newer, lower before higher.
  void note_lost(std::int64_t at, std::uint64_t key) {
    std::size_t place = 0;
    while (place < lost_.size() && lost_[place].at < at) ++place;
    if (place < lost_.size() && lost_[place].key <= key) return;
    std::size_t first = place;
    while (first > 0 && lost_[first - 1].key >= key) --first;
    std::size_t end = place;
    if (end < lost_.size() && lost_[end].at == at) ++end;
    lost_.erase(lost_.begin() + static_cast<std::ptrdiff_t>(first), lost_.begin() + static_cast<std::ptrdiff_t>(end));
    lost_.insert(lost_.begin() + static_cast<std::ptrdiff_t>(first), {at, key});
    if (lost_.size() <= kMostLost) return;
    // Two become one that is too low for a while, never too high.
    lost_[1].at = lost_[2].at;
    lost_.erase(lost_.begin() + 2);
  }

  TopBand band_;
  std::vector<Lost> lost_;
};

}  // namespace weir::stats
