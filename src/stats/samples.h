#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <weir/stats/batch.h>
#include <weir/stats/ledger.h>
#include <weir/stats/sample.h>
#include <weir/stats/view.h>

#include "draw.h"
#include "history.h"
#include "top_band.h"

namespace weir::stats {

/// Why an exchange is called slow, and what it was held against.
struct Slow {
  SlowReason reason = SlowReason::none;
  Nanos usual_p99{0};
};

/// Single exchanges in bounded number: slow ones by their reason, failures apart by 4xx and the rest, and a uniform
/// draw of what was neither. Of each kind the newest and a band over everything, and a band for each route and method (of
/// failures: and status), so that no route pushes out what another one did.
class Samples {
 public:
  /// The newest, and the best of every stretch of time, that each route and method keeps of each kind.
  static constexpr std::size_t kOfSeries = 20;
  static constexpr std::size_t kDrawnOfSeries = 10;
  static constexpr std::size_t kMostBest = 200;  ///< of everything, whatever the limits say
  /// What the bands of routes and methods hold together. Beyond it the largest are cut to the same size.
  static constexpr std::size_t kMostSeriesBytes = 8 * 1024 * 1024;

  explicit Samples(LedgerLimits limits);

  /// Takes in a record of the batch being folded. `record` may have another route by now; `slice` is where it counts,
  /// which begins at `slice_begin`.
  void add(const Record& record, const Said& said, const Slow& slow, WallTime ended, std::int64_t slice_begin);
  /// Ends a batch: reads the texts of what is still kept of it.
  void settle(const Batch& batch);

  void reset(const Scope& scope);
  void rename(RouteId from, RouteId into);
  void set_limits(LedgerLimits limits);
  /// Those that count at `from` or later. `holds`: of which series the draw is to be; empty: of all.
  void copy_to(View& view, const Scope& scope, std::int64_t from,
               const std::function<bool(RouteId, Method)>& holds) const;
  std::size_t bytes() const;

 private:
  enum class Kind : std::uint8_t { slow, outlier, server_error, client_error };
  static constexpr std::size_t kKinds = 4;

  struct Key {
    RouteId route;
    Method method;
    Kind kind;
    std::uint16_t status;  ///< of failures

    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct SeriesHash {
    std::size_t operator()(const std::pair<RouteId, Method>& key) const;
  };

  struct OfAll {
    std::deque<SamplePtr> newest;  ///< oldest first
    TopBand band;
  };

  std::size_t newest_of(Kind kind) const;
  std::size_t best_of_series(Kind kind) const { return std::min(newest_of(kind), kOfSeries); }
  static Key key_of(const Sample& sample, Kind kind);
  void keep(Kind kind, const SamplePtr& sample);
  void keep_in_series(Kind kind, const SamplePtr& sample);
  void keep_within_bytes();
  template <class Visit>
  void for_each_sample(Visit visit);

  LedgerLimits limits_;
  std::vector<OfAll> of_all_;  ///< by Kind
  std::unordered_map<Key, TopBand, KeyHash> of_series_;
  Draw draw_;
  std::unordered_map<std::pair<RouteId, Method>, Draw, SeriesHash> draws_;
  std::uint64_t random_;  ///< of a xorshift, seeded by a constant so that tests repeat
  std::uint64_t added_ = 0;
  std::size_t added_since_measured_ = 0;
  std::vector<std::shared_ptr<Sample>> unsettled_;  ///< of the batch being folded
};

}  // namespace weir::stats
