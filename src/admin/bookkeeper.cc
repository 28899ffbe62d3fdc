#include "ended_labels.h"
#include "hearing.h"
#include "legend_of.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

#include <weir/admin/bookkeeper.h>
#include <weir/base/log.h>

namespace weir::admin {

namespace {

constexpr Nanos kTick = 1s;

}  // namespace

struct Bookkeeper::Worker {
  WorkerPort port;
  bool is_running = true;
  bool is_asked = false;   ///< a question of ours is on its way to it or back
  TimePoint asked_at{};
  bool is_awaited = false;  ///< the round under way is not complete without it
  bool was_left_out = false;
};

/// What other threads hold of the bookkeeper: it may be gone when they knock.
struct Bookkeeper::Door {
  std::mutex mutex;
  Bookkeeper* owner;  ///< written by the control thread with the mutex held

  void post(std::function<void()> letter) {
    const std::lock_guard lock(mutex);
    if (owner != nullptr) owner->inbox_.post(std::move(letter));
  }
};

Bookkeeper::Bookkeeper(net::Loop& loop, BookkeeperOptions options)
    : options_(std::move(options)),
      ledger_(options_.limits, options_.now()),
      events_(options_.now()),
      book_(options_.routes),
      table_(book_.table()),
      ended_labels_(std::make_unique<EndedLabels>()),
      inbox_(loop),
      door_(std::make_shared<Door>()),
      tick_(loop, [this] { on_tick(); }),
      patience_(loop, [this] { on_patience_over(); }),
      publish_(loop, [this] { publish_if_stale(); }),
      start_(loop, [this] { begin_round(); }) {
  door_->owner = this;
  ledger_.set_current([this](RouteId route) { return book_.current(route); });
  ledger_.count_networks(options_.counts_networks);
  tick_.start(kTick, kTick);
}

Bookkeeper::~Bookkeeper() {
  const std::lock_guard lock(door_->mutex);
  door_->owner = nullptr;
}

std::function<void()> Bookkeeper::wake_up() const {
  return [door = door_] {
    door->post([door] {
      if (door->owner != nullptr) door->owner->take_all();
    });
  };
}

void Bookkeeper::configure(const std::vector<route::Configured>& routes) {
  book_.configure(routes);
  apply_merges();
  published_at_ = {};
  publish_if_stale();
}

void Bookkeeper::reconfigure(const BookkeeperOptions& options) {
  ledger_.set_limits(options.limits);
  book_.set_options(options.routes);
  ledger_.count_networks(options.counts_networks);
  options_.limits = options.limits;
  options_.servers = options.servers;
  options_.upstreams = options.upstreams;
  options_.slow_threshold = options.slow_threshold;
  legend_.reset();
}

void Bookkeeper::add_worker(WorkerPort port) {
  publish_if_stale();
  port.publish(table_);
  if (watch_ && port.set_watched) port.set_watched(true);
  workers_.push_back({.port = std::move(port)});
}

void Bookkeeper::worker_ended(std::size_t worker) {
  take(worker);
  // Its thread is no more, so that we may give in its place.
  if (workers_[worker].port.handoff->give()) take(worker);
  workers_[worker].is_running = false;
  workers_[worker].is_awaited = false;
  end_round_if_complete();
}

stats::ViewPtr Bookkeeper::view(const stats::ViewRequest& request) { return ledger_.view(request, now()); }

Bookkeeper::Cumulative Bookkeeper::cumulative_view() {
  follow_labels();
  const stats::ViewPtr view = ledger_.cumulative_view(now());
  const exporter::Legend& names = *legend();
  std::unordered_set<std::string> in_use;
  for (const stats::SeriesView& series : view->series) {
    if (exported_paths_.size() <= series.route.index()) exported_paths_.resize(series.route.index() + 1);
    exported_paths_[series.route.index()] = names.path(series.route);
    in_use.insert(std::string(label(series.method)) + ' ' + exported_paths_[series.route.index()]);
  }
  const auto is_in_use = [&](const exporter::EndedSeries& ended) {
    return in_use.contains(std::string(label(ended.series.method)) + ' ' + ended.path);
  };
  return {view, ended_labels_->list(now().clock, is_in_use)};
}

stats::Course Bookkeeper::course(const stats::CourseRequest& request) { return ledger_.course(request, now()); }

stats::PeopleView Bookkeeper::people(stats::Party party, const stats::PeopleRequest& request) {
  return ledger_.people(party, request, now());
}

void Bookkeeper::reset(const stats::Scope& scope) {
  ledger_.reset(scope, now());
  if (scope.is_everything()) events_.reset(now());
}

void Bookkeeper::add_events(std::span<const stats::Event> events) {
  const stats::Moment at = now();
  for (const stats::Event& event : events) events_.add(event, at.clock, at);
}

LoopLag Bookkeeper::take_loop_lag() {
  // One that has not answered yet is late already.
  for (const Worker& worker : workers_) {
    if (worker.is_running && worker.is_asked) lag_.workers = std::max(lag_.workers, Clock::now() - worker.asked_at);
  }
  return std::exchange(lag_, {});
}

std::shared_ptr<const exporter::Legend> Bookkeeper::legend() {
  if (legend_ == nullptr || book_.is_table_stale() || legend_table_ != table_) {
    legend_ = legend_of(book_, options_);
    legend_table_ = table_;
  }
  return legend_;
}

route::RouteBook& Bookkeeper::book() {
  legend_.reset();
  return book_;
}

Status Bookkeeper::change_book(const std::function<Status(route::RouteBook&)>& change) {
  const Status status = change(book());
  apply_merges();
  published_at_ = {};
  publish_if_stale();
  return status;
}

/// Without this a quiet worker's records would wait for its batch to fill.
void Bookkeeper::on_tick() {
  const TimePoint now_at = Clock::now();
  lag_.control = std::max(lag_.control, now_at - std::exchange(ticked_at_, now_at) - kTick);
  if (!is_round_open_ && waiting_.empty()) begin_round();
  ledger_.advance(now().clock);
  events_.advance(now().clock);
}

void Bookkeeper::take_all() {
  for (std::size_t i = 0; i < workers_.size(); ++i) take(i);
}

void Bookkeeper::take(std::size_t index) {
  net::Handoff<stats::Batch>& handoff = *workers_[index].port.handoff;
  stats::Batch* batch = handoff.take();
  if (batch == nullptr) return;
  fold(*batch, index);
  batch->clear();
  handoff.done();
}

void Bookkeeper::fold(const stats::Batch& batch, std::size_t worker) {
  study(batch);
  ledger_.fold(batch, worker, now(), [this](const stats::Record& record, const stats::Detail& detail) {
    const RouteId route = resolve(record, detail);
    found_.push_back(route);
    return route;
  }, hear, [this](RouteId route, std::uint64_t times, TimePoint ended) { count_success(route, times, ended); });
  count_paths(batch);
  apply_merges();
  publish_if_stale();
  if (watch_) show(batch);
  found_.clear();
}

/// What a stalled worker has summed up is not among them: its paths are left out.
void Bookkeeper::count_paths(const stats::Batch& batch) {
  auto found = found_.begin();
  for (const stats::Record& record : batch.records()) {
    if (record.has(stats::kProbe)) continue;
    book_.count_path(record.route == kUnmatchedRoute ? *found++ : record.route, record.path_hash);
  }
}

void Bookkeeper::set_watch(Watch watch) {
  const bool was_watched = watch_ != nullptr;
  watch_ = std::move(watch);
  const bool is_watched = watch_ != nullptr;
  if (is_watched == was_watched) return;
  for (Worker& worker : workers_) {
    if (worker.is_running && worker.port.set_watched) worker.port.set_watched(is_watched);
  }
}

void Bookkeeper::show(const stats::Batch& batch) {
  std::vector<Finished> finished;
  const stats::Moment at = now();
  auto found = found_.begin();
  for (stats::Record record : batch.records()) {
    if (record.has(stats::kProbe)) continue;
    if (record.route == kUnmatchedRoute) record.route = *found++;
    record.route = book_.current(record.route);
    if (record.detail == stats::kNoDetail) continue;
    const Nanos age = at.clock.time_since_epoch() - Nanos(record.ended_ns);
    finished.push_back({record, batch.detail(record), at.wall - std::chrono::duration_cast<WallTime::duration>(age)});
  }
  // A copy: whoever is told may end the watch.
  const Watch watch = watch_;
  watch(finished, batch.details_left_out());
}

void Bookkeeper::count_success(RouteId route, std::uint64_t times, TimePoint ended) {
  const std::string& name = book_.route(book_.current(route)).properties.count_as;
  if (name.empty()) return;
  success_.name = name;
  success_.amount = static_cast<double>(times);
  events_.add(success_, ended, now());
}

void Bookkeeper::apply_merges() {
  for (const route::Merge& merge : book_.take_merges()) {
    std::vector<stats::SeriesView> ended = ledger_.merge_series(merge.from, merge.into);
    if (merge.from.index() >= exported_paths_.size()) continue;
    ended_labels_->add(exported_paths_[merge.from.index()], std::move(ended), now().clock);
    exported_paths_[merge.from.index()].clear();
  }
  if (book_.is_table_stale()) follow_labels();
}

/// A route that has another name by now is another series of /metrics.
void Bookkeeper::follow_labels() {
  for (std::size_t i = 1; i < exported_paths_.size(); ++i) {
    if (exported_paths_[i].empty()) continue;
    const RouteId route(static_cast<std::uint32_t>(i));
    std::string path = shown_path(book_.route(route));
    if (path == exported_paths_[i]) continue;
    ended_labels_->add(exported_paths_[i], ledger_.end_label(route), now().clock);
    exported_paths_[i] = std::move(path);
  }
}

/// Shows the learner the paths of routes that it is not yet sure of. Those of no route come through `resolve`.
void Bookkeeper::study(const stats::Batch& batch) {
  for (const stats::Record& record : batch.records()) {
    if (record.route == kUnmatchedRoute || record.detail == stats::kNoDetail) continue;
    const stats::Detail detail = batch.detail(record);
    if (detail.path.empty()) continue;
    if (table_->match(record.method, detail.path).is_studied) resolve(record, detail);
  }
}

RouteId Bookkeeper::resolve(const stats::Record& record, const stats::Detail& detail) {
  if (detail.path.empty() || record.has(stats::kProbe)) return record.route;
  // What weir answered itself says nothing about the app.
  const std::uint16_t status = record.has(stats::kLocalReply) ? std::uint16_t{0} : record.status;
  return book_.learn({.method = record.method, .path = detail.path, .status = status});
}

void Bookkeeper::publish_if_stale() {
  if (!book_.is_table_stale()) return;
  const TimePoint at = Clock::now();
  if (at - published_at_ < options_.publish_interval) {
    if (!publish_.is_running()) publish_.start(options_.publish_interval - (at - published_at_));
    return;
  }
  published_at_ = at;
  table_ = book_.table();
  for (Worker& worker : workers_) {
    if (worker.is_running) worker.port.publish(table_);
  }
}

void Bookkeeper::bring_up_to_date(Then then) {
  waiting_.push_back(std::move(then));
  if (!is_round_open_ && !start_.is_running()) start_.start(Nanos::zero());
}

void Bookkeeper::begin_round() {
  if (is_round_open_) return;
  is_round_open_ = true;
  ++round_;
  asking_ = std::exchange(waiting_, {});
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i].is_awaited = workers_[i].is_running;
    // A question that it has not answered yet may have been answered before this round began: its reply asks again.
    if (workers_[i].is_running && !workers_[i].is_asked) ask(i);
  }
  is_short_patience_over_ = false;
  patience_.start(std::min(options_.short_patience, options_.patience));
  end_round_if_complete();
}

void Bookkeeper::on_patience_over() {
  // Where this thread itself was held up, replies lie in the inbox: they come first.
  door_->post([door = door_, round = round_] {
    if (door->owner != nullptr && door->owner->round_ == round) door->owner->lose_patience();
  });
}

void Bookkeeper::lose_patience() {
  if (!is_round_open_) return;
  if (is_short_patience_over_) {
    end_round();
    return;
  }
  is_short_patience_over_ = true;
  end_round_if_complete();
  if (is_round_open_) patience_.start(std::max(options_.patience - options_.short_patience, Nanos::zero()));
}

bool Bookkeeper::is_worth_waiting_for(const Worker& worker) const {
  return worker.is_awaited && !(worker.was_left_out && is_short_patience_over_);
}

void Bookkeeper::ask(std::size_t index) {
  const TimePoint asked_at = Clock::now();
  workers_[index].is_asked = true;
  workers_[index].asked_at = asked_at;
  workers_[index].port.ask([door = door_, index, round = round_, asked_at](bool gave) {
    const Nanos lag = Clock::now() - asked_at;
    door->post([door, index, round, gave, lag] {
      if (door->owner != nullptr) door->owner->on_reply(index, round, gave, lag);
    });
  });
}

void Bookkeeper::on_reply(std::size_t index, std::uint64_t round, bool gave, Nanos lag) {
  Worker& worker = workers_[index];
  worker.is_asked = false;
  lag_.workers = std::max(lag_.workers, lag);
  take(index);
  if (!worker.is_awaited) return;
  if (round != round_ || !gave) {
    ask(index);
    return;
  }
  worker.is_awaited = false;
  if (std::exchange(worker.was_left_out, false)) log::info("a worker hands over again", {{"worker", index}});
  end_round_if_complete();
}

void Bookkeeper::end_round_if_complete() {
  if (!is_round_open_) return;
  const bool is_complete =
      std::none_of(workers_.begin(), workers_.end(), [this](const Worker& w) { return is_worth_waiting_for(w); });
  if (is_complete) end_round();
}

void Bookkeeper::end_round() {
  if (!is_round_open_) return;
  patience_.stop();
  Round outcome;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    if (!std::exchange(worker.is_awaited, false)) continue;
    ++outcome.workers_left_out;
    if (std::exchange(worker.was_left_out, true)) continue;
    log::warning("a worker does not hand over its figures; answers are marked stale until it does", {{"worker", i}});
  }
  is_round_open_ = false;
  if (!waiting_.empty()) start_.start(Nanos::zero());
  if (take_source_ && !asking_.empty()) take_source_();
  for (const Then& then : std::exchange(asking_, {})) then(outcome);
}

}  // namespace weir::admin
