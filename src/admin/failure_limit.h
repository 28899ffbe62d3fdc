#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include <weir/base/clock.h>

namespace weir::admin {

/// Wrong credentials per client, each with a bucket that empties by itself, in bounded memory. An IPv6 client is its
/// network of 64 bits, since it has all addresses of that, and its network of 48 bits has a larger bucket of its own.
/// All of this machine's addresses are one client. Nobody is forgotten to make room: once the table is full, the
/// addresses that are not in it share a bucket.
class FailureLimit {
 public:
  static constexpr int kBurst = 20;      ///< wrong credentials that a client may send at once
  static constexpr Nanos kRefill = 1s;   ///< and one more each second after that
  static constexpr int kShare = 8;       ///< a bucket that several clients share takes so many times more
  static constexpr std::size_t kMaxClients = 1024;

  void note(std::string_view client, TimePoint now);
  /// How long until it may try again; zero or less: it may now.
  Nanos wait(std::string_view client, TimePoint now) const;

  std::size_t size() const { return empty_at_.size(); }

 private:
  void charge(const std::string& key, Nanos cost, TimePoint now);
  Nanos wait_of(const std::string& key, TimePoint now) const;

  std::unordered_map<std::string, TimePoint> empty_at_;
  TimePoint local_{};   ///< of this machine
  TimePoint others_{};  ///< of all that find no room
};

/// Whether `client` is a loopback address or a Unix socket.
bool is_this_machine(std::string_view client);

}  // namespace weir::admin
