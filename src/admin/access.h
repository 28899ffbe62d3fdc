#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <weir/base/clock.h>
#include <weir/net/endpoint.h>

#include "message.h"

namespace weir::admin {

/// What a call may do, hence who may make it.
enum class Role : std::uint8_t {
  open,    ///< anybody, always: liveness and readiness
  read,    ///< whoever holds a credential, where one is configured
  change,  ///< the same, and no page of another site may do it through a browser
};

/// Who may ask.
///
/// With tokens: one of them, as `Authorization: Bearer` or `X-API-Key`. Without: anybody who can connect, but only
/// under a name that is this machine's own, so that no web page can reach the API by having its name resolve to
/// 127.0.0.1 (DNS rebinding).
class Access {
 public:
  Access(const std::vector<std::string>& tokens, const net::Endpoint& endpoint);

  /// Nothing: it may. Else the answer that says why not.
  std::optional<Answer> refuse(const Request& request, Role role, TimePoint now);

  static constexpr int kBurst = 20;        ///< wrong credentials that a client may send at once
  static constexpr Nanos kRefill = 1s;     ///< and one more each second after that
  static constexpr std::size_t kMaxClients = 1024;

 private:
  using Digest = std::array<char, 32>;
  /// Wrong credentials of one client, as a bucket that empties by itself.
  struct Failures {
    TimePoint empty_at;
  };

  static Digest digest_of(std::string_view text);
  bool is_token(std::string_view presented) const;
  bool is_own_name(std::string_view host) const;
  std::optional<Answer> refuse_credential(const Request& request, TimePoint now);
  bool is_blocked(const std::string& client, TimePoint now) const;
  void note_failure(const std::string& client, TimePoint now);

  std::vector<Digest> tokens_;
  std::string configured_host_;
  bool is_unix_ = false;
  std::unordered_map<std::string, Failures> failures_;
};

}  // namespace weir::admin
