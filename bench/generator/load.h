#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <uv.h>

#include "connection.h"
#include "options.h"

namespace generator {

/// What was found out. Latencies are from the moment a request was due, not from when it could be sent: a server that
/// stalls delays those behind it too, and that is what their users feel (coordinated omission). Where there is no rate,
/// a request is due when its connection is free.
struct Findings {
  std::vector<std::uint64_t> latencies_ns;
  std::uint64_t failed = 0;        ///< refused, cut short, unreadable
  std::uint64_t bad_status = 0;    ///< answered with 400 or above
  std::uint64_t unfinished = 0;    ///< due, and without an answer when patience ended; in the latencies with their age
  std::uint64_t waited = 0;        ///< due while every connection was busy
  std::uint64_t body_bytes = 0;
  double seconds = 0;
  std::vector<std::uint64_t> own_lag_ns;  ///< due -> noticed: the generator's own lateness
};

/// One run: opens the connections, sends what is due, collects.
class Load final : private ConnectionOwner {
 public:
  Load(const Options& options, const sockaddr_storage& address);
  ~Load();

  /// Runs to its end. False where no connection could be opened, or all fails.
  bool run();
  const Findings& findings() const { return findings_; }

 private:
  void on_opened(Connection& connection) override;
  void on_finished(Connection& connection, bool is_whole) override;

  void begin();
  void start_ticking();
  void take_due();
  void dispatch();
  bool may_send_more() const;
  std::uint64_t settled() const { return findings_.latencies_ns.size() + findings_.failed - failed_to_open_; }
  void finish_if_done();
  void end();
  std::string next_request();

  Options options_;
  uv_loop_t loop_;
  uv_timer_t limit_;
  uv_poll_t tick_;
  int tick_fd_ = -1;
  sockaddr_storage address_;
  std::string before_number_;
  std::string after_number_;
  bool has_number_ = false;

  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<Connection*> free_;
  std::deque<std::uint64_t> due_;
  std::size_t opening_ = 0;
  std::uint64_t issued_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t failed_to_open_ = 0;
  std::uint64_t begun_ns_ = 0;
  bool has_begun_ = false;
  bool is_sending_ = false;
  bool has_ended_ = false;
  bool is_dispatching_ = false;
  Findings findings_;
};

}  // namespace generator
