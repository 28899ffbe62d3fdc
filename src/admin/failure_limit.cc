#include "failure_limit.h"

#include <algorithm>

#include <weir/base/network.h>

namespace weir::admin {

std::string FailureLimit::key_of(std::string_view client) {
  const auto address = IpAddress::parse(client);
  if (!address || client.find(':') == std::string_view::npos) return std::string(client);
  constexpr std::size_t kNetworkBytes = 8;
  return {reinterpret_cast<const char*>(address->bytes.data()), kNetworkBytes};
}

Nanos FailureLimit::wait(std::string_view client, TimePoint now) const {
  const auto found = empty_at_.find(key_of(client));
  if (found == empty_at_.end()) return Nanos::zero();
  return found->second - now - (kBurst - 1) * kRefill;
}

void FailureLimit::note(std::string_view client, TimePoint now) {
  const std::string key = key_of(client);
  if (empty_at_.size() >= kMaxClients && !empty_at_.contains(key)) make_room(now);
  TimePoint& empty_at = empty_at_[key];
  empty_at = std::max(empty_at, now) + kRefill;
}

void FailureLimit::make_room(TimePoint now) {
  std::erase_if(empty_at_, [&](const auto& entry) { return entry.second <= now; });
  if (empty_at_.size() < kMaxClients) return;
  // All of them are at it: whoever is nearest to being forgiven goes.
  empty_at_.erase(std::min_element(empty_at_.begin(), empty_at_.end(),
                                   [](const auto& a, const auto& b) { return a.second < b.second; }));
}

}  // namespace weir::admin
