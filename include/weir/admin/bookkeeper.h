#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <weir/base/clock.h>
#include <weir/export/legend.h>
#include <weir/export/prometheus.h>
#include <weir/net/handoff.h>
#include <weir/net/inbox.h>
#include <weir/net/loop.h>
#include <weir/net/timer.h>
#include <weir/route/book.h>
#include <weir/stats/event_ledger.h>
#include <weir/stats/ledger.h>
#include <weir/stats/marks.h>

namespace weir::admin {

class EndedLabels;

/// How the bookkeeper reaches one worker. All are called on the control thread, and take effect in the order of the calls.
struct WorkerPort {
  net::Handoff<stats::Batch>* handoff = nullptr;
  /// The worker notes what is in flight, tries to give its batch, and calls `reply(gave)` on its own thread. False: the
  /// control thread still had the other batch.
  std::function<void(std::function<void(bool gave)> reply)> ask;
  std::function<void(std::shared_ptr<const route::Table>)> publish;
  /// From now on every record comes with its texts, soon; or no longer.
  std::function<void(bool is_watched)> set_watched = {};
};

/// A finished exchange for those who watch. Its texts are gone after the call.
struct Finished {
  stats::Record record;  ///< with the route that it belongs to
  stats::Detail detail;
  WallTime ended;
};

struct BookkeeperOptions {
  stats::LedgerLimits limits;
  route::BookOptions routes;
  std::vector<std::string> servers;  ///< by ServerId, for people: `http://127.0.0.1:3000`
  std::vector<std::string> upstreams;  ///< by ServerId: the name of its upstream
  bool counts_networks = false;      ///< figures by client network
  Nanos slow_threshold = 1s;         ///< of all routes that have none of their own
  Nanos patience = 2s;               ///< for a worker that is asked and does not hand over
  Nanos short_patience = 250ms;      ///< for one that was left out of the answer before
  Nanos publish_interval = 100ms;    ///< between two route tables, at least
  /// The time; tests bring their own.
  std::function<stats::Moment()> now = [] { return stats::Moment{Clock::now(), WallClock::now()}; };
};

/// How late loops were to do what they were asked to.
struct LoopLag {
  Nanos workers{0};  ///< from a question's posting to its answer, the worst of all workers
  Nanos control{0};  ///< from when the tick was due to when it came
};

/// Keeps the ledger and the route book: takes what the workers hand over, learns routes from it, and gives the workers
/// new route tables.
/// Thread: the control thread, but for what `wake_up` returns.
class Bookkeeper {
 public:
  /// What a question learns about its own completeness.
  struct Round {
    std::size_t workers_left_out = 0;  ///< did not hand over in time; what they hold is missing
    bool is_stale() const { return workers_left_out != 0; }
  };
  using Then = std::function<void(Round)>;

  Bookkeeper(net::Loop& loop, BookkeeperOptions options);
  /// Questions that are waiting are dropped. Workers may go on calling what they have been given.
  ~Bookkeeper();
  Bookkeeper(const Bookkeeper&) = delete;
  Bookkeeper& operator=(const Bookkeeper&) = delete;

  /// What a worker calls when it has given a batch by itself. Any thread, at any time, even after the end.
  std::function<void()> wake_up() const;

  /// Told of all exchanges that have finished, but for probes; `left_out` others came without their texts.
  using Watch = std::function<void(std::span<const Finished> finished, std::uint64_t left_out)>;
  /// Begins to tell `watch`, complete from the end of the next round on; an empty one ends it. Costs nothing where nobody
  /// watches.
  void set_watch(Watch watch);

  /// The configured routes; see route::RouteBook::configure. Publishes a new table.
  void configure(const std::vector<route::Configured>& routes);
  /// What a reload may change. `now`, `patience` and `publish_interval` stay as they were.
  void reconfigure(const BookkeeperOptions& options);

  /// Workers are known by the order in which they are added, from 0. Each gets the newest table at once.
  void add_worker(WorkerPort port);
  /// Its thread has ended: takes what it still holds, and asks it no more.
  void worker_ended(std::size_t worker);

  /// Takes everything from all workers, then calls `then`, always later. What a client has seen answered before the
  /// call is in the ledger by then, unless a worker was left out. Questions that come meanwhile share the next round.
  void bring_up_to_date(Then then);

  stats::ViewPtr view(const stats::ViewRequest& request);
  /// What /metrics shows: totals since the start, and the labels that have ended of late.
  struct Cumulative {
    stats::ViewPtr view;
    std::vector<std::shared_ptr<const exporter::EndedSeries>> ended;
  };
  Cumulative cumulative_view();
  stats::Course course(const stats::CourseRequest& request);
  stats::PeopleView people(stats::Party party, const stats::PeopleRequest& request);
  void reset(const stats::Scope& scope);
  /// The worst since the last call.
  LoopLag take_loop_lag();
  /// Names for the ids of a view that was taken just now.
  std::shared_ptr<const exporter::Legend> legend();

  /// Changes the book, moves the figures that this moves, and publishes at once.
  Status change_book(const std::function<Status(route::RouteBook&)>& change);
  /// To read, and to pin, rename and split; what changes is published within `publish_interval`.
  route::RouteBook& book();
  const route::RouteBook& book() const { return book_; }
  /// Called before questions are answered, for what has come from elsewhere by then and belongs into the answers.
  void set_source(std::function<void()> take_all) { take_source_ = std::move(take_all); }
  /// Counts them as of now.
  void add_events(std::span<const stats::Event> events);
  stats::EventsView events(stats::Window window) { return events_.view(window, now()); }
  stats::EventsView cumulative_events() { return events_.cumulative_view(now()); }
  stats::Marks& marks() { return marks_; }
  std::shared_ptr<const route::Table> table() { return book_.table(); }
  stats::Moment now() const { return options_.now(); }

 private:
  struct Worker;
  struct Door;

  void on_tick();
  void take_all();
  void take(std::size_t index);
  void fold(const stats::Batch& batch, std::size_t worker);
  void study(const stats::Batch& batch);
  void count_paths(const stats::Batch& batch);
  void count_success(RouteId route, std::uint64_t times, TimePoint ended);
  RouteId resolve(const stats::Record& record, const stats::Detail& detail);
  void apply_merges();
  void follow_labels();
  void publish_if_stale();
  void show(const stats::Batch& batch);

  void begin_round();
  void on_patience_over();
  void lose_patience();
  bool is_worth_waiting_for(const Worker& worker) const;
  void ask(std::size_t index);
  void on_reply(std::size_t index, std::uint64_t round, bool gave, Nanos lag);
  void end_round_if_complete();
  void end_round();

  BookkeeperOptions options_;
  stats::Ledger ledger_;
  stats::EventLedger events_;
  stats::Event success_;  ///< as the routes' `count_as` counts it
  stats::Marks marks_;
  route::RouteBook book_;
  std::shared_ptr<const route::Table> table_;
  std::vector<std::string> exported_paths_;  ///< by RouteId: under which name its series were exported last
  std::unique_ptr<EndedLabels> ended_labels_;
  std::vector<Worker> workers_;
  Watch watch_;
  std::vector<RouteId> found_;  ///< while a batch is folded: the routes of those that came without one
  std::shared_ptr<const exporter::Legend> legend_;      ///< null: to be made
  std::shared_ptr<const route::Table> legend_table_;  ///< the table that it was made with

  std::function<void()> take_source_;
  std::vector<Then> waiting_;  ///< for the next round
  std::vector<Then> asking_;   ///< of the round under way
  std::uint64_t round_ = 0;
  LoopLag lag_;
  TimePoint ticked_at_ = Clock::now();
  bool is_round_open_ = false;
  bool is_short_patience_over_ = false;  ///< in the round under way

  net::Inbox inbox_;
  std::shared_ptr<Door> door_;
  net::Timer tick_;
  net::Timer patience_;
  net::Timer publish_;
  net::Timer start_;
  TimePoint published_at_{};
};

}  // namespace weir::admin
