#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <weir/stats/said.h>
#include <weir/stats/window.h>

#include "history.h"

namespace weir::stats {

/// Names as small numbers, for ever; 0 is what finds no room.
class NameList {
 public:
  explicit NameList(std::size_t limit) : names_{std::string(kOtherName)}, limit_(limit) {}

  std::uint32_t id_of(std::string_view name);
  const std::string& name(std::uint32_t id) const { return names_[id]; }

 private:
  std::vector<std::string> names_;
  std::size_t limit_;
};

/// The names that the answers of one process use.
struct SaidNames {
  NameList components{kMaxComponents};
  NameList layers{kMaxCacheLayers};
};

/// What the answers of one series said of themselves, over all windows.
class SaidHistory {
 public:
  void advance(SliceNumber current);
  void add(const Said& said, SaidNames& names, SliceNumber number);
  /// Both must have been advanced to the same slice.
  void merge(const SaidHistory& other);
  /// What was said so far stays in the cumulative figures alone.
  void reset();

  void add_to(SaidFigures& figures, const SaidNames& names, Window window) const;
  void add_cumulative(SaidFigures& figures, const SaidNames& names) const;
  std::size_t bytes() const;

 private:
  template <class Sums>
  struct Entry {
    std::uint32_t id;
    HistoryOf<Sums> history;
  };
  template <class Sums>
  using List = std::vector<std::unique_ptr<Entry<Sums>>>;

  template <class Sums>
  HistoryOf<Sums>& history_of(List<Sums>& list, std::uint32_t id);
  template <class Sums>
  void merge_lists(List<Sums>& mine, const List<Sums>& theirs);

  SliceNumber current_ = 0;
  List<Timing> components_;
  List<CacheCounts> layers_;
};

}  // namespace weir::stats
