#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/names.h>
#include <weir/stats/record.h>
#include <weir/stats/sketch.h>
#include <weir/stats/window.h>

namespace weir::stats {

/// Whom a request is for or from: somebody, the customer that they belong to, the network of the client.
enum class Party : std::uint8_t { user, tenant, network };

/// The sums of one user, tenant or network. Also how those of a closed slice are kept: there is nothing to pack.
struct PersonCounts {
  using Packed = PersonCounts;

  std::uint64_t requests = 0;
  std::uint64_t errors = 0;   ///< Record::is_error
  std::uint64_t refused = 0;  ///< answered 429: ran into a rate limit
  Uint128 time_ns = 0;        ///< sum of durations: 10,000 at once fill 64 bits in three weeks

  void add(const Record& record);
  void merge(const PersonCounts& other);
  void add_to(PersonCounts& sum) const { sum.merge(*this); }
  void remove_from(PersonCounts& sum) const;
  double error_rate() const;      ///< percent; 0 where there was no request
  double mean_seconds() const;    ///< likewise
  std::size_t bytes() const { return 0; }
  std::size_t heap_bytes() const { return 0; }

  friend bool operator==(const PersonCounts&, const PersonCounts&) = default;
};

/// By what a top list is ordered, largest first.
enum class PeopleOrder : std::uint8_t { total_requests, total_errors, rate_limited, time_spent, avg_duration };

struct PeopleRequest {
  Window window = Window::all;
  PeopleOrder order = PeopleOrder::total_requests;
  std::size_t limit = 50;
};

struct Person {
  std::string name;
  PersonCounts counts;  ///< over the window, exact since we follow them
  /// Beside those, since start or reset, they had at most so many requests: before they were followed, or among records
  /// whose names a stall has cost.
  std::uint64_t missed_requests = 0;
  WallTime last_seen;
};

/// A top list of users or tenants as of one instant. Whoever is in none of the lists that are kept had at most
/// `unlisted` since start or reset, hence in any window (Space-Saving).
struct PeopleView {
  static constexpr std::size_t kFollowed = 1000;  ///< in each of the four lists
  /// Standard error of `active` where it is not exact.
  static constexpr double kActiveError = 0.023;

  PeopleRequest request;
  Moment as_of;
  WallTime since;
  std::vector<Person> top;
  std::size_t followed = 0;
  PersonCounts unlisted;
  std::uint64_t active = 0;     ///< different ones in the window
  bool is_active_exact = true;  ///< up to 256 it is
};

/// Different ones in each window.
using ActiveCounts = std::array<std::uint64_t, count_of<Window>()>;

}  // namespace weir::stats

template <>
struct weir::Names<weir::stats::Party> {
  static constexpr std::array<std::string_view, 3> labels = {"user", "tenant", "network"};
};
template <>
struct weir::Names<weir::stats::PeopleOrder> {
  static constexpr std::array<std::string_view, 5> labels = {"total_requests", "total_errors", "rate_limited",
                                                             "time_spent", "avg_duration"};
};
