#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/admin/admin_options.h>
#include <weir/admin/jwt_verifier.h>
#include <weir/admin/token_hash.h>
#include <weir/base/result.h>

#include "caller.h"

namespace weir::admin {

/// What is configured to open the admin API.
class Credentials {
 public:
  /// `jwt`: null where none are taken.
  Credentials(const AdminOptions& options, JwtVerifierPtr jwt);

  /// Whether calls must bring one. Else whoever can connect may do everything.
  bool are_needed() const { return are_needed_; }
  /// Whose credential `presented` is. An error says why it is nobody's. Takes a time that tells nothing about the
  /// tokens.
  Result<Caller> find(std::string_view presented, WallTime now) const;
  /// Whether what admitted `caller` once would do so now, and for as much: a reload may have taken it away.
  bool still_admits(const Caller& caller) const;

 private:
  struct Token {
    TokenHash hash;
    std::string name;
    Grant grant;
  };

  std::optional<Caller> find_token(std::string_view presented) const;
  std::string jwt_proof() const { return "jwt:" + jwt_->fingerprint(); }

  bool are_needed_;
  JwtVerifierPtr jwt_;
  std::vector<Token> tokens_;
};

}  // namespace weir::admin
