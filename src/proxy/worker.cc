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
/// How long each step of a drain takes before the last: long enough for what was on its way to arrive. As long as an idle
/// connection that is ended in order stays to be read, see `Session::begin_drain`.
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
  std::erase_if(removals_, [](const auto& removal) { return removal->step == DrainStep::ending; });
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
  if (listeners_[index] != nullptr) listeners_[index]->close();
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

void Worker::reload(PlanPtr plan, std::vector<NewSocket> sockets, std::shared_ptr<void> until_closed) {
  // A letter must be copyable and sockets are not.
  auto shared_sockets = std::make_shared<std::vector<NewSocket>>(std::move(sockets));
  inbox_->post([this, plan = std::move(plan), shared_sockets, until_closed = std::move(until_closed)]() mutable {
    if (is_draining_) return;
    const PlanPtr former = std::exchange(plan_, plan);
    make_pools(former.get());
    choose_log();
    protocol_->plan_changed();
    begin_removal(std::move(until_closed));
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
  session->listener_ = listener;
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
    if (drain_ == nullptr) return;
    close_listeners(*drain_);
    abort_all();
  });
}

Worker::Drain::Drain(Worker& worker, std::vector<std::size_t> gone, std::shared_ptr<void> closed)
    : listeners(std::move(gone)),
      until_closed(std::move(closed)),
      timer(worker.loop_, [this, &worker] { worker.go_on(*this); }) {
  timer.start(kLastRequests);
}

/// A listener that was removed may have come back meanwhile.
bool Worker::concerns(const Drain& drain, std::size_t listener) const {
  const std::vector<std::size_t>& removed = drain.listeners;
  const bool is_all = removed.empty();
  return is_ending(listener) && (is_all || std::find(removed.begin(), removed.end(), listener) != removed.end());
}

void Worker::begin_drain(Nanos limit) {
  if (is_draining_) return;
  is_draining_ = true;
  drain_limit_ = limit;
  removals_.clear();
  drain_ = std::make_unique<Drain>(*this, std::vector<std::size_t>(), nullptr);
}

/// Of the listeners that the plan calls gone and that still listen. One that an earlier reload removed is on its way.
void Worker::begin_removal(std::shared_ptr<void> until_closed) {
  std::vector<std::size_t> gone;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (listeners_[i] != nullptr && plan_->listeners[i].is_gone) gone.push_back(i);
  }
  if (!gone.empty()) removals_.push_back(std::make_unique<Drain>(*this, std::move(gone), std::move(until_closed)));
}

/// In steps, so that nobody is reset who came in time: who has connected is accepted, who has asked gets a response.
void Worker::go_on(Drain& drain) {
  const bool is_whole = &drain == drain_.get();
  switch (drain.step) {
    case DrainStep::serving:
      drain.step = DrainStep::accepting;
      for (std::size_t i = 0; i < listeners_.size(); ++i) {
        if (listeners_[i] != nullptr && concerns(drain, i)) listeners_[i]->stop_new_connections();
      }
      end_idle_sessions(drain, false);
      drain.timer.start(kLastRequests);
      return;
    case DrainStep::accepting:
      drain.step = DrainStep::closed;
      close_listeners(drain);
      if (!has_ended_) drain.timer.start(kLastRequests);
      return;
    case DrainStep::closed:
      drain.step = DrainStep::ending;
      end_idle_sessions(drain, true);
      if (is_whole && !has_ended_) drain.timer.start(drain_limit_);
      return;
    case DrainStep::ending:
      abort_all();
      return;
  }
}

/// `all`: those too that have not asked for anything yet.
void Worker::end_idle_sessions(const Drain& drain, bool all) {
  // From the back: a session that ends takes the last one's place.
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    if (i < sessions_.size() && concerns(drain, sessions_[i]->listener_)) sessions_[i]->begin_drain(all);
  }
}

void Worker::close_listeners(Drain& drain) {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (listeners_[i] == nullptr || !concerns(drain, i)) continue;
    listeners_[i]->close();
    listeners_[i].reset();
  }
  drain.until_closed.reset();
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
  const auto is_closed = [](const auto& listener) { return listener == nullptr; };
  if (!is_draining_ || has_ended_ || !sessions_.empty() ||
      !std::all_of(listeners_.begin(), listeners_.end(), is_closed)) {
    return;
  }
  has_ended_ = true;
  // Later: the caller may still be inside a session or a timer of ours.
  loop_.reaper().later(token_, [this] {
    for (auto& pool : pools_) retire(std::move(pool));
    tick_.reset();
    drain_.reset();
    recorder_.hand_over();
    loop_.stop();
  });
}

}  // namespace weir::proxy
