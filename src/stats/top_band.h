#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <weir/stats/sample.h>

namespace weir::stats {

/// Of a stream of samples the `best` with the highest score of every stretch of time that reaches up to now, and so the
/// `best` newest: an entry that `best` newer ones equal or beat is among the best of no such stretch and is dropped (a
/// k-skyband). A random stream of n leaves about best * (1 + ln(n / best)). What is beyond `most()` is thinned: those
/// go first that most newer ones beat, and never the newest or the best of all.
class TopBand {
 public:
  struct Entry {
    std::uint64_t score;
    std::size_t beaten;  ///< how many newer ones have the same score or a higher one
    SamplePtr sample;

    std::int64_t at() const { return sample->counted_ns; }
  };

  explicit TopBand(std::size_t best) : best_(best) {}

  std::size_t most() const { return 6 * best_; }

  /// `lost(entry)` is told of what is dropped for it, which may be itself.
  template <class Lost>
  void add(SamplePtr sample, std::uint64_t score, Lost lost) {
    Entry entry{score, 0, std::move(sample)};
    std::size_t place = entries_.size();
    while (place > 0 && entries_[place - 1].at() > entry.at()) {
      --place;
      entry.beaten += entries_[place].score >= score;
    }
    if (entry.beaten >= best_) return lost(entry);
    for (std::size_t i = 0; i < place; ++i) entries_[i].beaten += entries_[i].score <= score;
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(place), std::move(entry));
    drop_useless(lost);
    if (entries_.size() > most()) cut(most() - best_ / 4, lost);
  }
  void add(SamplePtr sample, std::uint64_t score) {
    add(std::move(sample), score, [](const Entry&) {});
  }

  template <class Lost>
  void set_best(std::size_t best, Lost lost) {
    best_ = best;
    drop_useless(lost);
    if (entries_.size() > most()) cut(most(), lost);
  }
  /// Leaves `most` at most, those that matter most.
  template <class Lost>
  void cut(std::size_t most, Lost lost) {
    const std::vector<std::size_t> places = least_worth(most);
    for (const std::size_t place : places) lost(entries_[place]);
    for (const std::size_t place : places) entries_[place].sample = nullptr;
    std::erase_if(entries_, [](const Entry& entry) { return entry.sample == nullptr; });
  }
  template <class Which>
  void erase_if(Which which) {
    std::erase_if(entries_, [&](const Entry& entry) { return which(entry.sample); });
  }
  /// `change(sample)` may put another in its place, of the same time.
  template <class Change>
  void for_each(Change change) {
    for (Entry& entry : entries_) change(entry.sample);
  }
  /// Oldest first.
  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t heap_bytes() const { return entries_.capacity() * sizeof(Entry); }

 private:
  template <class Lost>
  void drop_useless(Lost lost) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].beaten >= best_) {
        lost(entries_[i]);
      } else if (kept++ != i) {
        entries_[kept - 1] = std::move(entries_[i]);
      }
    }
    entries_.resize(kept, Entry{});
  }
  /// The places of so many that all but `most` are named.
  std::vector<std::size_t> least_worth(std::size_t most) const;

  std::size_t best_;
  std::vector<Entry> entries_;
};

}  // namespace weir::stats
