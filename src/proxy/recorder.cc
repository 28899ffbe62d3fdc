// HOT PATH: no allocation, no lock, no system call but the share of a wake-up, no log.
#include <weir/proxy/recorder.h>

#include <algorithm>
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

/// Nanoseconds from one point to a later one; 0 where either was not reached or they overlap.
float between(TimePoint from, TimePoint to) {
  if (!is_set(from) || !is_set(to) || to <= from) return 0;
  return static_cast<float>((to - from).count());
}

stats::Phases phases_of(const Timeline& at) {
  stats::Phases phases;
  phases.client_send = between(at.first_byte, is_set(at.body_complete) ? at.body_complete : at.head_complete);
  phases.queue = between(at.upstream_asked, at.connect_begun);
  phases.connect = between(at.connect_begun, at.connection_ready);
  phases.send = between(at.connection_ready, at.request_sent);
  phases.wait = between(std::max(at.request_sent, at.first_byte_sent), at.response_first);
  phases.receive = between(at.response_first, at.response_last);
  phases.client_read = between(at.response_last, at.last_byte_given);
  const float towards_upstream = between(at.head_complete, at.first_byte_sent) - phases.queue - phases.connect;
  phases.weir = std::max(towards_upstream, 0.0F) + between(at.response_first, at.first_byte_given);
  return phases;
}

/// Of an exchange that was cut short: what was under way then lasted until then, so that its time stands somewhere.
[[gnu::noinline]] Timeline with_an_end(Timeline at) {
  const TimePoint end = is_set(at.response_last) ? at.response_last : at.last_byte_given;
  if (is_set(at.response_first)) {
    at.response_last = end;
  } else if (!is_set(at.connect_begun)) {
    at.connect_begun = end;
  } else if (!is_set(at.connection_ready)) {
    at.connection_ready = end;
  } else if (!is_set(at.request_sent)) {
    at.request_sent = end;
    if (!is_set(at.body_complete)) at.body_complete = end;
  } else {
    at.response_first = end;
  }
  return at;
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
  const bool is_whole = is_set(at.response_first) && is_set(at.response_last);
  record.phases = is_whole ? phases_of(at) : phases_of(with_an_end(at));
  // How long a stream stays open is kept apart: it is no time that anybody waited for.
  if (is_stream) record.phases.receive = record.phases.client_read = 0;
  record.route = exchange.route;
  record.server = exchange.server;
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
  add(exchange, record);
  if (log_ != nullptr) log_->add(exchange, duration);
  const bool shows = is_watched_ && record.ended_ns - shown_ns_ >= kShowInterval.count();
  if (shows) shown_ns_ = record.ended_ns;
  if (shows || handoff_.filling().is_half_full()) hand_over();
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
