#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/base/network.h>
#include <weir/http/head.h>

namespace weir::proto::http1 {

/// Whose X-Forwarded-* weir believes: `measure.trusted_proxies`. Immutable.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  /// Networks, `unix:` and `none`, as the configuration's check let them pass.
  explicit TrustedProxies(const std::vector<std::string>& names);

  /// False: nobody said whom to trust, so the fields pass as they came.
  bool is_named() const { return is_named_; }
  /// `host` as net::Stream::peer_host has it.
  bool trusts(std::string_view host) const;
  /// Whom a trusted `peer` asks for: the right-most address of X-Forwarded-For that is no trusted proxy's, else the
  /// left-most. What lies to the left of something that is no address could be anybody's and is not looked at.
  std::string_view client_of(const http::Head& head, std::string_view peer) const;

 private:
  std::vector<Network> networks_;
  bool is_named_ = false;
  bool trusts_unix_ = false;
};

}  // namespace weir::proto::http1
