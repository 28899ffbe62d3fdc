#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/admin/admin_options.h>
#include <weir/admin/token_hash.h>

#include "caller.h"

namespace weir::admin {

/// What is configured to open the admin API.
class Credentials {
 public:
  explicit Credentials(const AdminOptions& options);

  /// Whether calls must bring one. Else whoever can connect may do everything.
  bool are_needed() const { return are_needed_; }
  /// Whose credential `presented` is; nothing where it is nobody's. Takes a time that tells nothing about the tokens.
  std::optional<Caller> find(std::string_view presented) const;
  /// Whether what admitted `caller` once would do so now, and for as much: a reload may have taken it away.
  bool still_admits(const Caller& caller) const;

 private:
  struct Token {
    TokenHash hash;
    std::string name;
    Grant grant;
  };

  bool are_needed_;
  std::vector<Token> tokens_;
};

}  // namespace weir::admin
