#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include <weir/base/clock.h>
#include <weir/base/names.h>

namespace weir::proxy {

/// What is known of a server.
enum class ServerState : std::uint8_t { unknown, healthy, unhealthy };

/// The health of one server, one object for the whole process and over all reloads: active checks and failed
/// connections go in, and what share of the requests it should get comes out.
///
/// Threads: any. Each field stands on its own, so it is read and written relaxed; two workers that find the same thing
/// out at once may both count it, which lengthens a rest by one step at most. A change raises `changes` with release
/// after the fields, and who looks at it first with acquire sees what it stands for.
class ServerHealth {
 public:
  using Changes = std::atomic<std::uint32_t>;

  /// A whole share. Less while a server comes back.
  static constexpr std::uint32_t kFullShare = 64;
  /// The share grows to a whole one over so long after a return, so that cold caches are not run over.
  static constexpr Nanos kReturnTime = 10s;
  static constexpr Nanos kFirstRest = 1s;
  static constexpr std::uint32_t kMaxRestDoublings = 4;

  /// `changes` is common to all servers.
  explicit ServerHealth(std::shared_ptr<Changes> changes) : changes_(std::move(changes)) {}
  ServerHealth(const ServerHealth&) = delete;
  ServerHealth& operator=(const ServerHealth&) = delete;

  /// A connection could not be had. The server rests: 1 s after the first failure in a row, twice as long after each
  /// further one, 16 s at most. An attempt that had begun before the rest did says nothing new.
  /// True: it had been well so far.
  bool note_failure(TimePoint begun, TimePoint now);
  /// A connection was had. True: it had been failing.
  bool note_success(TimePoint now);
  /// What active checks have come to. True: it is news.
  bool judge(ServerState verdict, TimePoint now);
  /// There are no active checks any more: what they said counts no longer.
  void forget_verdict(TimePoint now);

  /// Connections to it fail, since the last one that did not.
  bool is_failing() const { return failures_.load(std::memory_order_relaxed) != 0; }
  /// Active checks have found it unhealthy: it gets nothing.
  bool is_down() const { return verdict_.load(std::memory_order_relaxed) == ServerState::unhealthy; }
  ServerState state() const;

  /// Of a whole share, in 64ths: 0 while it rests or is down, 4 as a trial after a rest, then growing.
  /// `next` is lowered to when the answer will be another one.
  std::uint32_t share(TimePoint now, TimePoint& next) const;

  const Changes& changes() const { return *changes_; }

 private:
  void changed() { changes_->fetch_add(1, std::memory_order_release); }

  const std::shared_ptr<Changes> changes_;
  std::atomic<ServerState> verdict_{ServerState::unknown};
  std::atomic<bool> was_reached_{false};
  std::atomic<std::uint32_t> failures_{0};      ///< in a row
  std::atomic<TimePoint> rests_since_{TimePoint()};
  std::atomic<TimePoint> rests_until_{TimePoint()};
  std::atomic<TimePoint> returned_{TimePoint()};  ///< the epoch: it never was away
};

using ServerHealthPtr = std::shared_ptr<ServerHealth>;

}  // namespace weir::proxy

template <>
struct weir::Names<weir::proxy::ServerState> {
  static constexpr std::array<std::string_view, 3> labels = {"unknown", "healthy", "unhealthy"};
};
