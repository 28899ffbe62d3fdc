#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <weir/base/clock.h>
#include <weir/base/ids.h>
#include <weir/net/loop.h>
#include <weir/proxy/plan.h>

namespace weir::proxy {

/// What is known of one server, for people.
struct ServerReport {
  struct Check {
    WallTime at;
    bool is_good = false;
    std::string outcome;  ///< `200`, `connection refused`
    Nanos latency{};
  };

  ServerId server;
  std::string upstream;
  std::string url;
  ServerState state = ServerState::unknown;
  bool is_checked = false;     ///< its upstream has a `health_check`
  std::optional<Check> check;  ///< the newest; none where nobody has looked
};

/// Looks after the servers of all upstreams, once for the whole process and apart from all traffic: asks those whose
/// upstream has a `health_check`, and looks whether those that the workers cannot reach take connections again. What it
/// finds goes into each server's ServerHealth.
/// Thread: the control thread.
class HealthChecker {
 public:
  /// `user_agent` is sent along with checks.
  HealthChecker(net::Loop& loop, std::string user_agent);
  ~HealthChecker();
  HealthChecker(const HealthChecker&) = delete;
  HealthChecker& operator=(const HealthChecker&) = delete;

  /// Looks after the servers of `plan` from now on. What is known of those that stay is kept.
  void configure(const PlanPtr& plan);

  /// In the order of their ids, those that are gone left out.
  std::vector<ServerReport> reports() const;

 private:
  class Watch;

  net::Loop& loop_;
  const std::string user_agent_;
  std::vector<std::unique_ptr<Watch>> watches_;  ///< by ServerId; null where it is gone
};

}  // namespace weir::proxy
