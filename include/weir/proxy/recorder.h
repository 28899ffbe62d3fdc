#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include <weir/net/handoff.h>
#include <weir/proxy/access_log.h>
#include <weir/proxy/exchange.h>
#include <weir/proxy/in_flight_board.h>
#include <weir/stats/batch.h>

namespace weir::proxy {

/// Writes the facts of a worker's exchanges down and hands them over to the control thread.
/// HOT PATH: no allocation, no lock, no system call.
class Recorder {
 public:
  /// `on_given`: a batch is ready to be taken (any means of waking the control thread). `board` may be null where
  /// there is one worker.
  explicit Recorder(std::function<void()> on_given, InFlightBoard* board = nullptr);

  /// Every exchange that ends from now on is a line there; nullptr: nowhere. `servers` are the URLs by ServerId, which
  /// must live until the next call.
  void log_to(AccessLogWriter* log, const std::vector<std::string>* servers) {
    log_ = log;
    servers_ = servers;
  }

  /// The exchange counts as in flight from here on, until `finish` or `forget`; its route and method are settled.
  void begin(Exchange& exchange);
  /// Makes the record. `exchange.at.last_byte_given` is its end.
  void finish(Exchange& exchange);
  /// An attempt at `exchange.server` has failed and another one follows. `finish` counts the last one itself.
  void failed_attempt(const Exchange& exchange, stats::AttemptOutcome outcome);
  /// Takes it out without a record.
  void forget(Exchange& exchange);

  std::uint32_t in_flight() const { return in_flight_; }

  /// Gives what there is to the control thread if that has emptied the batch before. Call it now and then.
  void hand_over();
  /// The same for a question: with a picture of what is in flight, and even if there is nothing to give.
  /// False: the other batch has not been taken yet.
  bool hand_over_for_question();

  /// Somebody watches requests as they end: every record takes its texts along, and none waits long.
  void set_watched(bool is_watched) { is_watched_ = is_watched; }

  net::Handoff<stats::Batch>& handoff() { return handoff_; }

 private:
  void add(const Exchange& exchange, const stats::Record& record);
  void leave(const Exchange& exchange);
  std::uint32_t count_in(const Exchange& exchange);
  void show_in_flight();
  bool give();
  bool is_sampled(std::uint8_t level);
  std::uint8_t sample_level() const;

  net::Handoff<stats::Batch> handoff_;
  std::function<void()> on_given_;
  AccessLogWriter* log_ = nullptr;
  const std::vector<std::string>* servers_ = nullptr;
  InFlightBoard* board_;
  std::atomic<std::uint32_t>* place_;  ///< of this worker on the board
  std::uint32_t in_flight_ = 0;
  std::uint32_t highest_ = 0;  ///< of `in_flight_` since the last hand-over
  /// How many of one route and method are under way, and whether that place is in `listed_`.
  struct UnderWay {
    std::uint32_t count : 31 = 0;
    std::uint32_t is_listed : 1 = 0;
  };
  std::vector<UnderWay> under_way_;    ///< by route and method, 76 bytes a route
  std::vector<std::uint32_t> listed_;  ///< places that were in use since the last picture: what a picture looks at
  std::uint64_t finished_ = 0;
  std::uint32_t random_;
  bool is_watched_ = false;
  std::int64_t shown_ns_ = 0;  ///< when a batch was last given to those who watch
};

}  // namespace weir::proxy
