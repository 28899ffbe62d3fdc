// HOT PATH: choose; no allocation, no lock, no system call, no log.
#include <algorithm>
#include <cmath>

#include <weir/proxy/upstream_pool.h>

namespace weir::proxy {
namespace {

std::uint64_t mix(std::uint64_t x) {  // the finalizer of splitmix64
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

}  // namespace

std::uint32_t UpstreamPool::random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  return random_;
}

/// Shares only change when somebody has found something out or `next_look_` has come, so that choosing costs one load.
void UpstreamPool::look_at_health(TimePoint now) {
  // Acquire: pairs with the release of ServerHealth::changed.
  seen_changes_ = health_changes_->load(std::memory_order_acquire);
  next_look_ = TimePoint::max();
  total_share_ = 0;
  for (auto& server : servers_) {
    std::uint32_t of_full = server->health->share(now, next_look_);
    // A hash says where a client belongs; a server that comes back slowly would only send clients to and fro.
    if (of_full != 0 && options_.balance == Balance::hash) of_full = ServerHealth::kFullShare;
    server->share = server->options.weight * of_full;
    total_share_ += server->share;
  }
  if (total_share_ != 0) return;
  // All of them rest: those that are not down are tried all the same.
  for (auto& server : servers_) {
    if (!server->health->is_down()) server->share = server->options.weight * ServerHealth::kFullShare;
    total_share_ += server->share;
  }
}

UpstreamServer& UpstreamPool::weighted_random() {
  std::uint32_t ticket = random() % total_share_;
  for (auto& server : servers_) {
    if (ticket < server->share) return *server;
    ticket -= server->share;
  }
  return *servers_.back();
}

UpstreamServer& UpstreamPool::by_balance(std::uint64_t key) {
  switch (options_.balance) {
    case Balance::random:
      return weighted_random();
    case Balance::least_requests: {
      // The less busy of two: nearly as even as looking at all, and no herd (Mitzenmacher, 2001).
      UpstreamServer& a = weighted_random();
      UpstreamServer& b = weighted_random();
      const std::uint64_t busy_a = std::uint64_t{a.active} * b.share;
      const std::uint64_t busy_b = std::uint64_t{b.active} * a.share;
      return busy_b < busy_a ? b : a;
    }
    case Balance::round_robin: {
      // Smooth weighted round robin: every server gains its share, the leader pays the sum.
      UpstreamServer* leader = nullptr;
      for (auto& server : servers_) {
        if (server->share == 0) continue;
        server->current_share += server->share;
        if (leader == nullptr || server->current_share > leader->current_share) leader = server.get();
      }
      leader->current_share -= total_share_;
      return *leader;
    }
    case Balance::hash: {
      // Weighted rendezvous hashing: a server that goes or comes moves only its own share (Thaler, Ravishankar, 1998).
      UpstreamServer* best = nullptr;
      double best_score = 0;
      for (auto& server : servers_) {
        const double unit =
            (static_cast<double>(mix(key ^ mix(server->id.value + 1)) >> 11) + 0.5) / 9007199254740992.0;
        const double score = -static_cast<double>(server->share) / std::log(unit);
        if (best == nullptr || score > best_score) {
          best = server.get();
          best_score = score;
        }
      }
      return *best;
    }
  }
  return *servers_.front();
}

UpstreamServer* UpstreamPool::choose(std::uint64_t key, ServerId avoid, TimePoint now) {
  if (always_takes_first_) return servers_.front().get();
  // Acquire: as in look_at_health.
  if (health_changes_->load(std::memory_order_acquire) != seen_changes_ || now >= next_look_) look_at_health(now);
  if (total_share_ == 0) return nullptr;
  UpstreamServer& chosen = by_balance(key);
  if (chosen.id != avoid) return &chosen;
  // The next one in order that has a share; failing that, one that only rests.
  const auto is_chosen = [&](const auto& server) { return server.get() == &chosen; };
  const auto start =
      static_cast<std::size_t>(std::find_if(servers_.begin(), servers_.end(), is_chosen) - servers_.begin());
  UpstreamServer* resting = nullptr;
  for (std::size_t i = 1; i < servers_.size(); ++i) {
    UpstreamServer& candidate = *servers_[(start + i) % servers_.size()];
    if (candidate.share != 0) return &candidate;
    if (resting == nullptr && !candidate.health->is_down()) resting = &candidate;
  }
  return resting != nullptr ? resting : &chosen;
}

}  // namespace weir::proxy
