#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/net/endpoint.h>

namespace weir::admin {

/// The names by which a browser may call the admin API, so that no web page can reach it by having a name of its own
/// resolve to weir's address (DNS rebinding): IP addresses, `localhost`, and what the configuration names.
class OwnNames {
 public:
  OwnNames(const net::Endpoint& endpoint, std::vector<std::string> hosts);

  /// `authority`: of the Host field, with or without port. An empty one is nobody's page.
  bool hold(std::string_view authority) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace weir::admin
