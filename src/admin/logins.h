#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "caller.h"

namespace weir::admin {

/// Who is logged in through the page. A log-in is known by 256 random bits that its browser keeps in a cookie; here it
/// is kept under their digest, in memory alone.
class Logins {
 public:
  /// Beyond it the one that would have ended first goes.
  static constexpr std::size_t kMost = 1000;

  /// The new one's secret. It ends at `caller.ends`, which must be there, and at `caller.expires` where that is.
  std::string add(Caller caller, const stats::Moment& now);
  /// Nothing where there is none, or no more.
  std::optional<Caller> find(std::string_view secret, const stats::Moment& now) const;
  void remove(std::string_view secret);
  /// Ends all that `stays` is false for.
  void keep(const std::function<bool(const Caller&)>& stays);

  std::size_t size() const { return by_digest_.size(); }

 private:
  static std::string digest_of(std::string_view secret);
  void make_room(const stats::Moment& now);

  std::unordered_map<std::string, Caller> by_digest_;
};

}  // namespace weir::admin
