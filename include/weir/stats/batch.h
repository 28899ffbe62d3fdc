#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <weir/stats/attempts.h>
#include <weir/stats/people.h>
#include <weir/stats/record.h>

namespace weir::stats {

class Tally;

/// How many exchanges of one route and method are under way in one worker.
struct InFlight {
  RouteId route;
  Method method;
  std::uint32_t count;
};

/// The records of one worker since the last hand-over. Fixed memory: nothing grows once constructed, but for the
/// overflow, which exists only after a stall. Hot path: no allocation, no lock.
/// Thread: one at a time; net::Handoff passes it from the worker to the control thread and back.
class Batch {
 public:
  static constexpr std::size_t kMaxRecords = 4096;
  static constexpr std::size_t kArenaBytes = 512 * 1024;
  /// Longer texts are cut: a path of 8 KB tells no more than its first part.
  static constexpr std::size_t kMaxText = 2048;

  Batch();
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// Never loses a count: a full batch is folded into the overflow and starts afresh.
  void add(const Record& record);
  /// The same; if the arena is full the texts are left out, and that is counted.
  void add(Record record, const Detail& detail);

  FailedAttempts& failed_attempts() { return failed_attempts_; }
  const FailedAttempts& failed_attempts() const { return failed_attempts_; }

  bool is_empty() const;
  bool is_half_full() const { return records_.size() >= kMaxRecords / 2 || arena_used_ >= kArenaBytes / 2; }

  std::span<const Record> records() const { return records_; }
  /// The texts of `record`; all empty where it has none. Valid until `clear`.
  Detail detail(const Record& record) const;
  /// Sums of the records that did not fit while nobody took the batch; null as a rule.
  const Tally* overflow() const { return overflow_.get(); }
  std::uint64_t details_left_out() const { return details_left_out_; }
  /// Sums of the records whose texts were left out, probes aside: anybody may have sent them.
  const PersonCounts& nameless() const { return nameless_; }

  /// A picture of this worker at the hand-over; kept only where an admin question asked for it. To call this is to
  /// take one: left empty, it says that nothing was in flight.
  std::vector<InFlight>& in_flight() {
    has_picture_ = true;
    return in_flight_;
  }
  const std::vector<InFlight>& in_flight() const { return in_flight_; }
  bool has_in_flight_picture() const { return has_picture_; }

  /// How many exchanges were under way over all workers, at a moment when this one had more than before.
  void note_in_flight(std::uint32_t over_all_workers) { highest_in_flight_ = std::max(highest_in_flight_, over_all_workers); }
  std::uint32_t highest_in_flight() const { return highest_in_flight_; }

  void clear();

 private:
  bool store(const Detail& detail, std::uint32_t& offset);
  void fold_into_overflow();
  void leave_out(const Record& record);

  std::vector<Record> records_;
  std::unique_ptr<char[]> arena_;
  std::size_t arena_used_ = 0;
  std::unique_ptr<Tally> overflow_;
  std::uint64_t details_left_out_ = 0;
  PersonCounts nameless_;
  FailedAttempts failed_attempts_;
  std::vector<InFlight> in_flight_;
  bool has_picture_ = false;
  std::uint32_t highest_in_flight_ = 0;
};

}  // namespace weir::stats
