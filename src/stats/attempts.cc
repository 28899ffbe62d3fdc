#include <algorithm>

#include <weir/stats/attempts.h>
#include <weir/stats/record.h>

namespace weir::stats {

AttemptOutcome outcome_of_last_attempt(const Record& record) {
  switch (record.fault) {
    case Fault::none:
    case Fault::upstream_truncated:
    case Fault::upstream_idle_timeout:
    case Fault::client_stalled:
      return AttemptOutcome::response;
    case Fault::connect_failed:
    case Fault::connect_timeout:
      return AttemptOutcome::not_connected;
    case Fault::upstream_closed:
      return record.has(kReusedConnection) ? AttemptOutcome::stale : AttemptOutcome::closed;
    case Fault::response_timeout:
      return AttemptOutcome::timeout;
    case Fault::upstream_invalid:
      return AttemptOutcome::invalid;
    case Fault::overloaded:
    case Fault::no_healthy_upstream:
      return AttemptOutcome::none;
    default:
      // The status is the app's own, unless weir replied in its stead.
      return record.status != 0 && !record.has(kLocalReply) ? AttemptOutcome::response : AttemptOutcome::abandoned;
  }
}

void FailedAttempts::Counts::add(const Counts& others) {
  for (std::size_t i = 0; i < by_outcome.size(); ++i) by_outcome[i] += others.by_outcome[i];
  last += others.last;
}

AttemptCounts FailedAttempts::Counts::with_responses(std::uint64_t requests) const {
  AttemptCounts all = by_outcome;
  all[static_cast<std::size_t>(AttemptOutcome::response)] = requests - std::min(requests, last);
  return all;
}

FailedAttempts::Counts& FailedAttempts::at(ServerId server) {
  if (server.index() >= counts_.size()) counts_.resize(server.index() + 1);
  is_empty_ = false;
  return counts_[server.index()];
}

void FailedAttempts::count(ServerId server, AttemptOutcome outcome) {
  if (server != kNoServer) ++at(server).by_outcome[static_cast<std::size_t>(outcome)];
}

void FailedAttempts::count_last(ServerId server, AttemptOutcome outcome) {
  if (server == kNoServer || outcome == AttemptOutcome::response) return;
  ++at(server).last;
  if (outcome != AttemptOutcome::none) count(server, outcome);
}

void FailedAttempts::clear() {
  if (is_empty_) return;
  std::fill(counts_.begin(), counts_.end(), Counts{});
  is_empty_ = true;
}

}  // namespace weir::stats
