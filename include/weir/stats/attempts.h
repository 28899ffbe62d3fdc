#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <weir/base/ids.h>
#include <weir/base/names.h>

namespace weir::stats {

struct Record;

/// What became of one attempt to have a request served by one server. An exchange has more than one where it is retried.
enum class AttemptOutcome : std::uint8_t {
  response,       ///< a final response began
  not_connected,  ///< no connection, or not in time
  stale,          ///< a kept connection had ended, or had bytes on it that belong to no request
  closed,         ///< the connection ended before a response
  timeout,        ///< no response in time
  invalid,        ///< what came cannot be read as a response
  abandoned,      ///< the request ended first: its client left or broke the rules
  none,           ///< no attempt: weir replied itself, or there was no place for another connection
};

/// Sums by outcome; `none` is not among them.
using AttemptCounts = std::array<std::uint64_t, static_cast<std::size_t>(AttemptOutcome::none)>;

/// The outcome of the last attempt of an exchange.
AttemptOutcome outcome_of_last_attempt(const Record& record);

/// Attempts at servers that got no response. Those that got one are known without counting: they are the requests of a
/// server, without those whose last attempt got none. So an exchange in which all goes well costs nothing here.
class FailedAttempts {
 public:
  struct Counts {
    AttemptCounts by_outcome{};
    std::uint64_t last = 0;  ///< requests of the server whose last attempt got no response, or that came to no attempt

    bool operator==(const Counts&) const = default;
    void add(const Counts& others);
    /// All attempts at a server that had so many requests.
    AttemptCounts with_responses(std::uint64_t requests) const;
  };

  /// Another attempt follows this one.
  void count(ServerId server, AttemptOutcome outcome);
  void count_last(ServerId server, AttemptOutcome outcome);
  bool is_empty() const { return is_empty_; }
  /// By index of the server: as many as there have been.
  std::span<const Counts> counts() const { return counts_; }
  void clear();

 private:
  Counts& at(ServerId server);

  std::vector<Counts> counts_;
  bool is_empty_ = true;
};

}  // namespace weir::stats

template <>
struct weir::Names<weir::stats::AttemptOutcome> {
  static constexpr std::array<std::string_view, 8> labels = {"response", "not_connected", "stale",     "closed",
                                                             "timeout",  "invalid",       "abandoned", "none"};
};
