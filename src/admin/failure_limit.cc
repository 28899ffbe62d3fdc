#include "failure_limit.h"

#include <algorithm>

#include <weir/base/network.h>

namespace weir::admin {
namespace {

constexpr std::size_t kHostBytes = 8;  // of an IPv6 address: what one client has
constexpr std::size_t kSiteBytes = 6;  // what one site has

/// The first `size` bytes of an IPv6 address; empty where `client` is none.
std::string network_of(std::string_view client, std::size_t size) {
  const auto address = IpAddress::parse(client);
  if (!address || client.find(':') == std::string_view::npos) return {};
  return {reinterpret_cast<const char*>(address->bytes.data()), size};
}

std::string key_of(std::string_view client) {
  std::string network = network_of(client, kHostBytes);
  return network.empty() ? std::string(client) : network;
}

Nanos wait_until(TimePoint empty_at, TimePoint now) {
  return empty_at - now - (FailureLimit::kBurst - 1) * FailureLimit::kRefill;
}

}  // namespace

bool is_this_machine(std::string_view client) {
  static const Network kLoopback = Network::parse("127.0.0.0/8").value();
  if (client == "unix:" || client == "::1") return true;
  const auto address = IpAddress::parse(client);
  return address && kLoopback.holds(*address);
}

Nanos FailureLimit::wait(std::string_view client, TimePoint now) const {
  if (is_this_machine(client)) return wait_until(local_, now);
  const Nanos own = wait_of(key_of(client), now);
  const std::string site = network_of(client, kSiteBytes);
  return site.empty() ? own : std::max(own, wait_of(site, now));
}

Nanos FailureLimit::wait_of(const std::string& key, TimePoint now) const {
  const auto found = empty_at_.find(key);
  return wait_until(found == empty_at_.end() ? others_ : found->second, now);
}

void FailureLimit::note(std::string_view client, TimePoint now) {
  if (is_this_machine(client)) {
    local_ = std::max(local_, now) + kRefill;
    return;
  }
  // The site first: what holds many clients back must not lack room because of them.
  if (const std::string site = network_of(client, kSiteBytes); !site.empty()) charge(site, kRefill / kShare, now);
  charge(key_of(client), kRefill, now);
}

void FailureLimit::charge(const std::string& key, Nanos cost, TimePoint now) {
  if (empty_at_.size() >= kMaxClients && !empty_at_.contains(key)) {
    std::erase_if(empty_at_, [&](const auto& entry) { return entry.second <= now; });
    if (empty_at_.size() >= kMaxClients) {
      others_ = std::max(others_, now) + kRefill / kShare;
      return;
    }
  }
  TimePoint& empty_at = empty_at_[key];
  empty_at = std::max(empty_at, now) + cost;
}

}  // namespace weir::admin
