// HOT PATH: no allocation, no lock, no system call but the share of a wake-up, no log.
#include <weir/proxy/recorder.h>

#include <algorithm>
#include <array>
#include <bit>

#include <weir/base/bytes.h>
#include <weir/base/distinct_hashes.h>

namespace weir::proxy {
namespace {

/// So many exchanges are all kept with their texts, whatever their outcome; of later ones one in two, one in four, as
/// their number doubles, and never less than one in 2^kLowestLevel.
constexpr std::uint64_t kAllSampled = 256;
constexpr std::uint64_t kLowestLevel = 8;

constexpr std::uint32_t kMaxConcurrency = 65'535;

/// While somebody watches, batches are given as often as this: a request shows at once, a flood of them in bundles.
constexpr Nanos kShowInterval = 10ms;

std::size_t place_of(const Exchange& exchange) {
  return exchange.route.index() * count_of<Method>() + static_cast<std::size_t>(exchange.method);
}

bool is_set(TimePoint at) { return at != TimePoint(); }

/// Goes over the points of a timeline in order and gives out the time between them, each moment once.
class Walk {
 public:
  Walk(TimePoint start, TimePoint end) : at_(start), end_(end) {}

  /// From where the walk stands to `point`; to the end where `point` was never reached, since what was to reach it was
  /// under way then. 0 for a point that was passed.
  float to(TimePoint point) {
    const TimePoint next = is_set(point) ? std::clamp(point, at_, end_) : end_;
    const float taken = static_cast<float>((next - at_).count());
    at_ = next;
    return taken;
  }

 private:
  TimePoint at_;
  const TimePoint end_;
};

/// The common case: every point was reached, in order. False: it is none.
bool phases_in_order(const Timeline& at, TimePoint end, stats::Phases& phases) {
  const TimePoint body = std::max(at.body_complete, at.first_byte_sent);
  const TimePoint received = std::max(at.response_last, at.first_byte_given);
  const std::array<std::int64_t, 13> steps = {
      (at.turn - at.first_byte).count(),           (at.head_complete - at.turn).count(),
      (at.first_asked - at.head_complete).count(), (at.upstream_asked - at.first_asked).count(),
      (at.connect_begun - at.upstream_asked).count(), (at.connection_ready - at.connect_begun).count(),
      (at.first_byte_sent - at.connection_ready).count(), (body - at.first_byte_sent).count(),
      (at.request_sent - body).count(),            (at.response_first - at.request_sent).count(),
      (at.first_byte_given - at.response_first).count(), (received - at.first_byte_given).count(),
      (end - received).count()};
  // A point that was not reached is the epoch, before all others: its step is negative, and so is the union of all.
  std::int64_t all = (at.body_complete - at.head_complete).count() | (at.response_last - at.response_first).count();
  if (at.app_held != Nanos::zero()) all = -1;
  for (const std::int64_t step : steps) all |= step;
  if (all < 0) return false;
  phases.queue = static_cast<float>(steps[0] + steps[4]);
  phases.client_send = static_cast<float>(steps[1] + steps[7]);
  phases.retry = static_cast<float>(steps[3]);
  phases.connect = static_cast<float>(steps[5]);
  phases.send = static_cast<float>(steps[8]);
  phases.wait = static_cast<float>(steps[9]);
  phases.receive = static_cast<float>(steps[11]);
  phases.client_read = static_cast<float>(steps[12]);
  phases.weir = static_cast<float>(steps[2] + steps[6] + steps[10]);
  return true;
}

/// Of an exchange that skipped a point or did not come to its end.
[[gnu::noinline]] stats::Phases phases_by_walk(const Timeline& at, TimePoint end) {
  stats::Phases phases;
  // A response of weir's own ends what was under way with the app; the client reads after it.
  const TimePoint received = is_set(at.response_last) ? std::max(at.response_last, at.first_byte_given) : end;
  Walk walk(at.first_byte, std::min(received, end));
  phases.queue = walk.to(at.turn);
  phases.client_send = walk.to(at.head_complete);
  phases.weir = walk.to(at.first_asked);
  phases.retry = walk.to(at.upstream_asked);
  phases.queue += walk.to(at.connect_begun);
  phases.connect = walk.to(at.connection_ready);
  phases.weir += walk.to(at.first_byte_sent);
  // While the body is passed on as it comes, until the response begins, the client takes the time or the app does.
  const TimePoint body_complete = is_set(at.body_complete) ? at.body_complete : at.response_first;
  const float upload =
      walk.to(is_set(at.response_first) ? std::min(body_complete, at.response_first) : body_complete);
  const float held = std::min(upload, static_cast<float>(at.app_held.count()));
  phases.client_send += upload - held;
  phases.send = held + walk.to(is_set(at.request_sent) ? at.request_sent : at.response_first);
  phases.wait = walk.to(at.response_first);
  phases.weir += walk.to(at.first_byte_given);
  phases.receive = walk.to(received);
  if (end > received) phases.client_read = static_cast<float>((end - received).count());
  return phases;
}

}  // namespace

Recorder::Recorder(std::function<void()> on_given, InFlightBoard* board)
    : on_given_(std::move(on_given)), board_(board), place_(board == nullptr ? nullptr : &board->join()) {
  random_bytes(reinterpret_cast<char*>(&random_), sizeof random_);
  random_ |= 1;
}

void Recorder::begin(Exchange& exchange) {
  ++in_flight_;
  show_in_flight();
  if (in_flight_ > highest_) {
    // Others are looked at only when this worker has more under way than before: their lines are not asked for often.
    highest_ = in_flight_;
    handoff_.filling().note_in_flight(board_ == nullptr ? in_flight_ : board_->total());
  }
  exchange.concurrency = static_cast<std::uint16_t>(std::min(in_flight_, kMaxConcurrency));
  exchange.route_concurrency = static_cast<std::uint16_t>(std::min(count_in(exchange), kMaxConcurrency));
}

void Recorder::show_in_flight() {
  // Relaxed: for people to read.
  if (place_ != nullptr) place_->store(in_flight_, std::memory_order_relaxed);
}

/// One more of its route and method. The list grows with the first request of a route that is new to the worker.
std::uint32_t Recorder::count_in(const Exchange& exchange) {
  const std::size_t place = place_of(exchange);
  if (place >= under_way_.size()) [[unlikely]] under_way_.resize((exchange.route.index() + 1) * count_of<Method>());
  UnderWay& mine = under_way_[place];
  if (!mine.is_listed) [[unlikely]] {
    mine.is_listed = 1;
    listed_.push_back(static_cast<std::uint32_t>(place));
  }
  return ++mine.count;
}

void Recorder::leave(const Exchange& exchange) {
  --in_flight_;
  show_in_flight();
  --under_way_[place_of(exchange)].count;
}

void Recorder::forget(Exchange& exchange) { leave(exchange); }

std::uint8_t Recorder::sample_level() const {
  return static_cast<std::uint8_t>(std::min<std::uint64_t>(std::bit_width(finished_ / kAllSampled), kLowestLevel));
}

bool Recorder::is_sampled(std::uint8_t level) {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  return std::uint64_t{random_} >> (32 - level) == 0;
}

void Recorder::finish(Exchange& exchange) {
  leave(exchange);
  const Timeline& at = exchange.at;
  const Nanos whole = at.last_byte_given - at.first_byte;
  const bool is_stream = (exchange.traits & stats::kStream) != 0 && is_set(at.first_byte_given);
  const Nanos duration = is_stream ? at.first_byte_given - at.first_byte : whole;

  stats::Record record;
  record.ended_ns = at.last_byte_given.time_since_epoch().count();
  record.duration_ns = duration.count();
  record.stream_ns = is_stream ? whole.count() : 0;
  record.bytes_in = exchange.bytes_in;
  record.bytes_out = exchange.bytes_out;
  record.path_hash = distinct_hash(exchange.texts.path);
  // How long a stream stays open is kept apart: it is no time that anybody waited for.
  const TimePoint end = is_stream ? at.first_byte_given : at.last_byte_given;
  if (!phases_in_order(at, end, record.phases)) record.phases = phases_by_walk(at, end);
  record.route = exchange.route;
  record.server = exchange.server;
  record.attempts = exchange.attempts;
  record.status = exchange.status;
  record.concurrency = exchange.concurrency;
  record.route_concurrency = exchange.route_concurrency;
  record.traits = exchange.traits;
  record.method = exchange.method;
  record.fault = exchange.fault;
  if (record.duration_ns >= exchange.slow_threshold_ns) record.traits |= stats::kSlow;
  record.sample_level = sample_level();
  ++finished_;
  if (is_sampled(record.sample_level)) record.traits |= stats::kSampled;
  if (record.fault != Fault::none && !record.has(stats::kProbe)) [[unlikely]] {
    handoff_.filling().failed_attempts().count_last(record.server, outcome_of_last_attempt(record));
  }
  add(exchange, record);
  if (log_ != nullptr) {
    const bool is_known = servers_ != nullptr && exchange.server.index() < servers_->size();
    log_->add(exchange, record, is_known ? std::string_view((*servers_)[exchange.server.index()]) : std::string_view());
  }
  const bool shows = is_watched_ && record.ended_ns - shown_ns_ >= kShowInterval.count();
  if (shows) shown_ns_ = record.ended_ns;
  if (shows || handoff_.filling().is_half_full()) hand_over();
}

void Recorder::failed_attempt(const Exchange& exchange, stats::AttemptOutcome outcome) {
  if ((exchange.traits & stats::kProbe) != 0) return;
  handoff_.filling().failed_attempts().count(exchange.server, outcome);
}

/// With all texts, with those that are wanted of every exchange, or with none.
void Recorder::add(const Exchange& exchange, const stats::Record& record) {
  constexpr std::uint16_t kKept = stats::kSlow | stats::kSampled;
  // Whether it is far above what is usual for its route only the control thread can say.
  const bool may_be_outlier = Nanos(record.duration_ns) >= stats::kLeastOutlier;
  stats::Batch& batch = handoff_.filling();
  if (exchange.wants_detail || is_watched_ || (record.traits & kKept) != 0 || may_be_outlier || record.is_error()) {
    batch.add(record, exchange.texts);
    return;
  }
  const bool is_probe = record.has(stats::kProbe);
  if (is_probe || !(exchange.wants_client || exchange.texts.has_said())) {
    batch.add(record);
    return;
  }
  stats::Detail said = exchange.texts.said();
  if (exchange.wants_client) said.client = exchange.texts.client;
  batch.add(record, said);
}

void Recorder::hand_over() {
  if (!handoff_.filling().is_empty() && give()) on_given_();
}

bool Recorder::give() {
  if (!handoff_.give()) return false;
  highest_ = 0;
  return true;
}

bool Recorder::hand_over_for_question() {
  auto& in_flight = handoff_.filling().in_flight();
  in_flight.clear();
  std::erase_if(listed_, [&](std::uint32_t place) {
    UnderWay& here = under_way_[place];
    if (here.count == 0) {
      here.is_listed = 0;
      return true;
    }
    const auto method = static_cast<Method>(place % count_of<Method>());
    in_flight.push_back({RouteId(static_cast<std::uint32_t>(place / count_of<Method>())), method, here.count});
    return false;
  });
  return give();
}

}  // namespace weir::proxy
