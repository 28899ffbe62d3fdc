#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include <weir/stats/people.h>

#include "active_count.h"
#include "heavy_hitters.h"
#include "history.h"

namespace weir::stats {

/// All users, or all tenants. Follows those who stand out by requests, errors, 429s or time, each with figures over
/// every window; the rest is only counted. Memory is bounded whatever names are sent.
class PeopleLedger {
 public:
  void advance(SliceNumber current);
  void add(const Record& record, std::string_view name, SliceNumber number);
  /// Counts records whose names were lost.
  void add_nameless(const PersonCounts& counts) { nameless_.merge(counts); }
  /// Forgets everybody.
  void reset();

  /// Fills `view` for `view.request`.
  void write(PeopleView& view) const;
  ActiveCounts active() const;
  std::size_t bytes() const;

 private:
  /// Longer names are shown cut; they are told apart as a whole.
  static constexpr std::size_t kMaxShown = 256;
  static constexpr std::size_t kLists = 4;

  struct Followed {
    std::string name;
    HistoryOf<PersonCounts> history;
    std::uint64_t missed_requests = 0;
    std::int64_t last_seen_ns = 0;  ///< on the Clock
  };

  void leave_a_list(std::uint64_t hash);

  SliceNumber current_ = 0;
  /// In the order of the first four of PeopleOrder.
  std::array<HeavyHitters, kLists> lists_{HeavyHitters{PeopleView::kFollowed}, HeavyHitters{PeopleView::kFollowed},
                                          HeavyHitters{PeopleView::kFollowed}, HeavyHitters{PeopleView::kFollowed}};
  std::unordered_map<std::uint64_t, Followed> followed_;  ///< by hash: whoever is in one of the lists
  ActiveCount active_;
  PersonCounts nameless_;
};

}  // namespace weir::stats
