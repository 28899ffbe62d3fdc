#include <weir/proxy/worker.h>

#include <algorithm>
#include <utility>

#include <weir/base/bytes.h>
#include <weir/base/check.h>
#include <weir/base/log.h>
#include <weir/base/memory.h>

namespace weir::proxy {
namespace {

/// How often what was measured goes to the control thread when there is little of it, and a step of the retry budget.
constexpr Nanos kTick = 250ms;
/// How long each step of a drain takes before the last: long enough for what was on its way to arrive.
constexpr Nanos kLastRequests = 100ms;

std::uint32_t share_of(std::uint32_t whole, std::size_t workers) {
  return std::max(1U, whole / static_cast<std::uint32_t>(workers));
}

}  // namespace

Shared::Shared() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  random_bytes(mark.data(), mark.size());
  for (char& c : mark) c = kDigits[static_cast<unsigned char>(c) & 15U];
}

Worker::Worker(Parts parts)
    : deadlines_(loop_),
      resolver_(loop_),
      recorder_(std::move(parts.on_batch), &parts.shared->in_flight),
      plan_(std::move(parts.plan)),
      table_(std::move(parts.table)),
      shared_(parts.shared) {
  make_pools(nullptr);
  choose_log();
  protocol_ = parts.protocol(*this);
  for (NewSocket& socket : parts.sockets) listen(std::move(socket));
  tick_.emplace(loop_, [this] { tick(); });
  tick_->start(kTick, kTick);
  inbox_.emplace(loop_);
}

Worker::~Worker() {
  sessions_.clear();
  loop_.reaper().reap();
}

void Worker::run() {
  loop_.run();
  recorder_.hand_over();
  if (log_) log_->flush();
}

void Worker::tick() {
  recorder_.hand_over();
  if (log_) log_->flush();
  const TimePoint now = Clock::now();
  for (const auto& pool : pools_) {
    if (pool != nullptr) pool->tick(now);
  }
  for (auto& pool : retired_) {
    if (pool->is_unused()) loop_.reaper().take(std::move(pool));
  }
  std::erase(retired_, nullptr);
  retry_budget_.step();
  show_upstream_connections();
  end_bursts();
}

void Worker::end_bursts() {
  const std::array<std::uint32_t, 3> now = {recorder_.in_flight(), static_cast<std::uint32_t>(sessions_.size()),
                                            shown_upstream_connections_};
  bool is_over = false;
  for (std::size_t i = 0; i < now.size(); ++i) is_over |= bursts_[i].is_over(now[i]);
  if (is_over) give_back_freed_memory();
}

void Worker::show_upstream_connections() {
  std::uint32_t connections = 0;
  for (const auto& pool : pools_) connections += pool == nullptr ? 0 : pool->connections();
  for (const auto& pool : retired_) connections += pool->connections();
  // Wraps round where there are fewer, which comes out right. Relaxed: for people to read.
  shared_->upstream_connections.fetch_add(connections - shown_upstream_connections_, std::memory_order_relaxed);
  shown_upstream_connections_ = connections;
}

void Worker::listen(NewSocket socket) {
  const std::size_t index = socket.listener;
  if (listeners_.size() <= index) listeners_.resize(index + 1);
  listeners_[index] = std::make_unique<net::Listener>(
      loop_, std::move(socket.socket), [this, index](net::Accepted accepted) { accept(index, std::move(accepted)); },
      [this] { count(Event::accept_paused); });
}

/// A pool whose upstream is as it was stays, with its idle connections.
void Worker::make_pools(const Plan* former) {
  pools_.resize(plan_->upstreams.size());
  for (std::size_t i = 0; i < plan_->upstreams.size(); ++i) {
    const Plan::Upstream& upstream = plan_->upstreams[i];
    const bool is_known = former != nullptr && i < former->upstreams.size() && former->upstreams[i] == upstream;
    if (is_known && pools_[i] != nullptr) continue;
    retire(std::move(pools_[i]));
    if (upstream.is_gone) continue;
    pools_[i] = std::make_unique<UpstreamPool>(loop_, deadlines_, resolver_, upstream,
                                               share_of(upstream.options.max_connections, plan_->workers),
                                               [this] { count(Event::exhausted); });
  }
}

/// There is one access log, which may be turned off and on.
void Worker::choose_log() {
  if (log_) log_->flush();
  if (plan_->access_log != nullptr && !log_) log_.emplace(*plan_->access_log);
  if (log_ && table_ != nullptr) log_->learn_names(table_->names());
  recorder_.log_to(plan_->access_log == nullptr ? nullptr : &*log_, &plan_->server_urls);
}

void Worker::retire(std::unique_ptr<UpstreamPool> pool) {
  if (pool == nullptr) return;
  pool->close_idle();
  retired_.push_back(std::move(pool));
}

void Worker::reload(PlanPtr plan, std::vector<NewSocket> sockets) {
  // A letter must be copyable and sockets are not.
  auto shared_sockets = std::make_shared<std::vector<NewSocket>>(std::move(sockets));
  inbox_->post([this, plan = std::move(plan), shared_sockets] {
    if (is_draining_) return;
    const PlanPtr former = std::exchange(plan_, plan);
    make_pools(former.get());
    choose_log();
    protocol_->plan_changed();
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
      if (!plan_->listeners[i].is_gone || listeners_[i] == nullptr) continue;
      listeners_[i]->close();
      listeners_[i].reset();
    }
    for (NewSocket& socket : *shared_sockets) listen(std::move(socket));
  });
}

void Worker::accept(std::size_t listener, net::Accepted accepted) {
  // Relaxed: a count on its own, which orders nothing.
  const std::uint32_t connections = shared_->connections.fetch_add(1, std::memory_order_relaxed) + 1;
  const std::uint32_t limit = plan_->limits.connections;
  if (connections > limit + LimitsOptions::refusals_beyond(limit)) {
    shared_->connections.fetch_sub(1, std::memory_order_relaxed);
    count(Event::shed);
    return;
  }
  count(connections > limit ? Event::refused : Event::accepted);
  std::unique_ptr<Session> session = protocol_->open(listener, std::move(accepted), connections > limit);
  session->index_ = sessions_.size();
  sessions_.push_back(std::move(session));
}

void Worker::remove(Session& session) {
  const std::size_t index = session.index_;
  WEIR_CHECK(index < sessions_.size() && sessions_[index].get() == &session, "a session ended twice");
  loop_.reaper().take(std::move(sessions_[index]));
  if (index + 1 != sessions_.size()) {
    sessions_[index] = std::move(sessions_.back());
    sessions_[index]->index_ = index;
  }
  sessions_.pop_back();
  shared_->connections.fetch_sub(1, std::memory_order_relaxed);
  end_if_empty();
}

void Worker::publish(TablePtr table) {
  inbox_->post([this, table = std::move(table)] {
    table_ = table;
    if (log_ && table_ != nullptr) log_->learn_names(table_->names());
  });
}

void Worker::ask(std::function<void(bool)> reply) {
  inbox_->post([this, reply = std::move(reply)] { reply(recorder_.hand_over_for_question()); });
}

void Worker::set_watched(bool is_watched) {
  inbox_->post([this, is_watched] { recorder_.set_watched(is_watched); });
}

void Worker::drain(Nanos limit) {
  inbox_->post([this, limit] { begin_drain(limit); });
}

void Worker::stop() {
  inbox_->post([this] {
    begin_drain(Nanos::zero());
    close_listeners();
    abort_all();
  });
}

void Worker::begin_drain(Nanos limit) {
  if (is_draining_) return;
  is_draining_ = true;
  drain_limit_ = limit;
  drain_timer_.emplace(loop_, [this] { go_on_draining(); });
  drain_timer_->start(kLastRequests);
}

/// In steps, so that nobody is reset who came in time: who has connected is accepted, who has asked gets a response.
void Worker::go_on_draining() {
  switch (drain_step_) {
    case DrainStep::serving:
      drain_step_ = DrainStep::accepting;
      for (const auto& listener : listeners_) {
        if (listener != nullptr) listener->stop_new_connections();
      }
      end_idle_sessions(false);
      drain_timer_->start(kLastRequests);
      return;
    case DrainStep::accepting:
      drain_step_ = DrainStep::closed;
      close_listeners();
      if (!has_ended_) drain_timer_->start(kLastRequests);
      return;
    case DrainStep::closed:
      drain_step_ = DrainStep::ending;
      end_idle_sessions(true);
      if (!has_ended_) drain_timer_->start(drain_limit_);
      return;
    case DrainStep::ending:
      abort_all();
      return;
  }
}

/// `all`: those too that have not asked for anything yet.
void Worker::end_idle_sessions(bool all) {
  // From the back: a session that ends takes the last one's place.
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    if (i < sessions_.size()) sessions_[i]->begin_drain(all);
  }
}

void Worker::close_listeners() {
  for (const auto& listener : listeners_) {
    if (listener != nullptr) listener->close();
  }
  listeners_.clear();
  end_if_empty();
}

void Worker::abort_all() {
  if (!sessions_.empty()) {
    log::warning("exchanges were cut short by the end of the drain", {{"connections", sessions_.size()}});
  }
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    if (i < sessions_.size()) sessions_[i]->abort();
  }
  end_if_empty();
}

void Worker::end_if_empty() {
  if (!is_draining_ || has_ended_ || !listeners_.empty() || !sessions_.empty()) return;
  has_ended_ = true;
  // Later: the caller may still be inside a session or a timer of ours.
  loop_.reaper().later(token_, [this] {
    for (auto& pool : pools_) retire(std::move(pool));
    tick_.reset();
    drain_timer_.reset();
    recorder_.hand_over();
    loop_.stop();
  });
}

}  // namespace weir::proxy
