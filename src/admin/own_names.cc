#include "own_names.h"

#include <algorithm>
#include <utility>

#include <weir/base/bytes.h>
#include <weir/base/network.h>

namespace weir::admin {
namespace {

/// Without the port, and an IPv6 literal without its brackets.
std::string_view bare_host(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.rfind(':'));
}

}  // namespace

OwnNames::OwnNames(const net::Endpoint& endpoint, std::vector<std::string> hosts) : names_(std::move(hosts)) {
  names_.emplace_back("localhost");
  if (!endpoint.host.empty()) names_.push_back(endpoint.host);
}

bool OwnNames::hold(std::string_view authority) const {
  if (authority.empty()) return true;
  const std::string_view host = bare_host(authority);
  return IpAddress::parse(host).has_value() || std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
           return equals_ignoring_case(host, name);
         });
}

}  // namespace weir::admin
