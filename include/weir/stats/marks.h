#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <weir/base/clock.h>
#include <weir/stats/window.h>

namespace weir::stats {

/// A note on the time line: a deploy, a change of configuration, the start of a campaign.
struct Mark {
  static constexpr std::size_t kLongestName = 200;
  static constexpr std::size_t kLongestText = 2000;

  WallTime at;
  std::string name;
  std::string text;  ///< more about it; may be empty
  bool is_of_our_clock = false;  ///< `at` was read off weir's own clock: where that is set, it moves along
};

/// The newest marks, in the order of what they mark and not of when they came. No reset touches them: what was deployed
/// stays deployed. At most 2.3 MB. Thread: the control thread alone.
class Marks {
 public:
  static constexpr std::size_t kMost = 1000;

  /// Where the wall clock was set since the last call, the marks that were read off it are dated by what it says now, as
  /// slices are. Call it before the others.
  void follow(Moment now);
  /// The oldest one makes room where there is none left.
  void add(Mark mark);
  /// Not before `since`, newest first.
  std::vector<Mark> newest(std::size_t limit, WallTime since = WallTime::min()) const;

 private:
  std::vector<Mark> marks_;  ///< oldest first
  std::optional<Moment> followed_;
};

}  // namespace weir::stats
