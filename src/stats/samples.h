#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include <weir/stats/ledger.h>
#include <weir/stats/sample.h>
#include <weir/stats/view.h>

namespace weir::stats {

/// Single exchanges in bounded number: the newest and the slowest slow ones, the newest failures, and a uniform draw.
class Samples {
 public:
  explicit Samples(LedgerLimits limits) : limits_(limits) {}

  /// Says before a batch comes how many slow ones and failures are in it: those that newer ones of the same batch
  /// would push out again are not even written down.
  void expect(std::size_t slow, std::size_t errors);
  /// `batch` holds the record's texts; `record` may have another route by now.
  void add(const Record& record, const Detail& detail, const Said& said, WallTime ended);

  void reset(const Scope& scope);
  void rename(RouteId from, RouteId into);
  void set_limits(LedgerLimits limits);
  void copy_to(View& view, const Scope& scope) const;
  std::size_t bytes() const;

 private:
  bool is_among_slowest(const Record& record) const;
  void keep_slowest(const SamplePtr& sample);
  void draw(const Record& record, const Detail& detail, const Said& said, WallTime ended);
  template <class Visit>
  void for_each_list(Visit visit);

  LedgerLimits limits_;
  std::size_t slow_to_come_ = 0;
  std::size_t errors_to_come_ = 0;
  std::deque<SamplePtr> newest_slow_;  // newest first
  std::deque<SamplePtr> slowest_;      // slowest first
  std::deque<SamplePtr> errors_;       // newest first
  std::deque<SamplePtr> uniform_;
  std::uint64_t drawn_from_ = 0;
  std::uint64_t random_ = 0x9E3779B97F4A7C15;
};

}  // namespace weir::stats
