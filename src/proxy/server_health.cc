#include <weir/proxy/server_health.h>

#include <algorithm>

namespace weir::proxy {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
/// While a server comes back its share is looked at this often.
constexpr Nanos kReturnStep = 100ms;
constexpr std::uint32_t kTrialShare = ServerHealth::kFullShare / 16;

static_assert(std::atomic<TimePoint>::is_always_lock_free);

}  // namespace

bool ServerHealth::note_failure(TimePoint begun, TimePoint now) {
  const std::uint32_t before = failures_.load(kRelaxed);
  if (before != 0 && begun <= rests_since_.load(kRelaxed)) return false;
  failures_.fetch_add(1, kRelaxed);
  rests_since_.store(now, kRelaxed);
  rests_until_.store(now + kFirstRest * (1U << std::min(before, kMaxRestDoublings)), kRelaxed);
  changed();
  return before == 0;
}

bool ServerHealth::note_success(TimePoint now) {
  if (!was_reached_.load(kRelaxed)) was_reached_.store(true, kRelaxed);
  if (failures_.load(kRelaxed) == 0) return false;
  failures_.store(0, kRelaxed);
  returned_.store(now, kRelaxed);
  changed();
  return true;
}

bool ServerHealth::judge(ServerState verdict, TimePoint now) {
  const ServerState before = verdict_.exchange(verdict, kRelaxed);
  if (before == verdict) return false;
  if (before == ServerState::unhealthy) returned_.store(now, kRelaxed);
  changed();
  return true;
}

void ServerHealth::forget_verdict(TimePoint now) { judge(ServerState::unknown, now); }

ServerState ServerHealth::state() const {
  if (is_down() || is_failing()) return ServerState::unhealthy;
  if (was_reached_.load(kRelaxed)) return ServerState::healthy;
  return verdict_.load(kRelaxed);
}

std::uint32_t ServerHealth::share(TimePoint now, TimePoint& next) const {
  if (is_down()) return 0;
  if (is_failing()) {
    const TimePoint until = rests_until_.load(kRelaxed);
    if (now >= until) return kTrialShare;
    next = std::min(next, until);
    return 0;
  }
  const TimePoint returned = returned_.load(kRelaxed);
  if (returned == TimePoint() || now >= returned + kReturnTime) return kFullShare;
  next = std::min(next, now + kReturnStep);
  const Nanos since = std::max(now - returned, Nanos::zero());
  return std::max(kTrialShare, static_cast<std::uint32_t>(kFullShare * since / kReturnTime));
}

}  // namespace weir::proxy
