#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <weir/stats/sample.h>

namespace weir::stats {

/// So many samples out of a stream, each as likely: every one gets a random key, the lowest keys stay. Whoever sends
/// only one in 2^n of the stream has thrown away the higher keys already; that changes nothing as long as there are
/// many more than are kept.
class UniformDraw {
 public:
  explicit UniformDraw(std::size_t limit) : limit_(limit) {}

  /// `make()` writes the sample down if it stays.
  template <class Make>
  void add(std::uint8_t level, Make make) {
    const std::uint64_t key = next_random() >> std::min<unsigned>(level, 63);
    if (drawn_.size() >= limit_ && (drawn_.empty() || key >= drawn_.front().key)) return;
    drawn_.push_back({key, make()});
    std::push_heap(drawn_.begin(), drawn_.end(), is_lower);
    cut();
  }
  void set_limit(std::size_t limit) {
    limit_ = limit;
    cut();
  }
  template <class Which>
  void erase_if(Which which) {
    std::erase_if(drawn_, [&](const Drawn& one) { return which(one.sample); });
    std::make_heap(drawn_.begin(), drawn_.end(), is_lower);
  }
  template <class Visit>
  void for_each(Visit visit) {
    for (Drawn& one : drawn_) visit(one.sample);
  }
  /// In no particular order.
  std::vector<SamplePtr> samples() const {
    std::vector<SamplePtr> all;
    for (const Drawn& one : drawn_) all.push_back(one.sample);
    return all;
  }

 private:
  struct Drawn {
    std::uint64_t key;
    SamplePtr sample;
  };
  static bool is_lower(const Drawn& a, const Drawn& b) { return a.key < b.key; }

  void cut() {
    while (drawn_.size() > limit_) {
      std::pop_heap(drawn_.begin(), drawn_.end(), is_lower);
      drawn_.pop_back();
    }
  }
  /// A xorshift, seeded by a constant so that tests repeat.
  std::uint64_t next_random() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return random_;
  }

  std::size_t limit_;
  std::vector<Drawn> drawn_;  ///< a heap, the highest key first
  std::uint64_t random_ = 0x9E3779B97F4A7C15;
};

}  // namespace weir::stats
