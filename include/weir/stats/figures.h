#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <weir/base/fault.h>
#include <weir/base/names.h>
#include <weir/stats/record.h>
#include <weir/stats/sketch.h>

namespace weir::stats {

/// The phases of an exchange, in the order of `Phases`.
enum class Phase : std::uint8_t { client_send, queue, retry, connect, send, wait, receive, client_read, weir };

inline constexpr std::size_t kPhases = 9;
inline constexpr std::size_t kFaults = count_of<Fault>();

float phase_of(const Phases& phases, Phase phase);

class PackedFigures;

/// All sums of a set of exchanges: a route over a window, a worker's overflow, everything. The one place where a
/// record becomes figures. Adding two of them is exact and commutative.
struct Figures {
  using Packed = PackedFigures;  ///< how those of a closed slice are kept

  /// Plain counts, each a sum over records.
  struct Counts {
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;          ///< Record::is_error
    std::uint64_t slow = 0;            ///< kSlow
    std::uint64_t client_aborted = 0;  ///< counted apart: no error of the app
    std::uint64_t local_replies = 0;   ///< weir answered itself
    std::uint64_t retried = 0;
    std::uint64_t reused = 0;          ///< on an upstream connection that had served before
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    /// By class: [0] no response, [1] 1xx (101) … [5] 5xx and above.
    std::array<std::uint64_t, 6> status{};
    /// By kind; [0], none, stays 0.
    std::array<std::uint64_t, kFaults> faults{};

    friend bool operator==(const Counts&, const Counts&) = default;
  };

  Counts counts;
  Sketch duration;  ///< of every exchange; of a stream, its time to first byte
  /// Of every exchange: one that did not go through a phase took 0 in it. `Sketch::zero_count` tells them apart.
  /// Over a sliding window min and max of a phase are those of its outermost buckets.
  std::array<Sketch, kPhases> phases;
  Sketch streams;  ///< how long streams stayed open; its count is their number

  void add(const Record& record);
  void merge(const Figures& other);
  void merge_without_phases(const Figures& other);
  /// Takes out what was merged in before; see Sketch::remove.
  void remove(const Figures& part);
  void remove_without_phases(const Figures& part);

  bool is_empty() const { return counts.requests == 0; }
  const Sketch& phase(Phase phase) const { return phases[static_cast<std::size_t>(phase)]; }
  /// Percent; 0 where there was no request.
  double error_rate() const;
  std::size_t heap_bytes() const;

  friend bool operator==(const Figures&, const Figures&) = default;
};

}  // namespace weir::stats

template <>
struct weir::Names<weir::stats::Phase> {
  static constexpr std::array<std::string_view, 9> labels = {
      "client_send", "queue", "retry", "connect", "send", "wait", "receive", "client_read", "weir"};
};
