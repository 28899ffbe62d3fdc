#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include <weir/base/clock.h>

namespace weir::admin {

/// Wrong credentials per client, each with a bucket that empties by itself, in bounded memory. An IPv6 client is its
/// network of 64 bits, since it has all addresses of that.
class FailureLimit {
 public:
  static constexpr int kBurst = 20;      ///< wrong credentials that a client may send at once
  static constexpr Nanos kRefill = 1s;   ///< and one more each second after that
  static constexpr std::size_t kMaxClients = 1024;

  void note(std::string_view client, TimePoint now);
  /// How long until it may try again; zero or less: it may now.
  Nanos wait(std::string_view client, TimePoint now) const;

 private:
  static std::string key_of(std::string_view client);
  void make_room(TimePoint now);

  std::unordered_map<std::string, TimePoint> empty_at_;
};

}  // namespace weir::admin
