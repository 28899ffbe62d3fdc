#include "load.h"

#include <algorithm>
#include <cstring>

#include <sys/timerfd.h>
#include <unistd.h>

namespace generator {
namespace {

/// How long after the last request was due answers are waited for.
constexpr std::uint64_t kPatienceMs = 5'000;
/// So many failures and not one answer: nobody is there.
constexpr std::uint64_t kHopeless = 200;
/// Connections that are only to be held get their one answer so many at a time.
constexpr std::uint64_t kHeldAtOnce = 8;

}  // namespace

Load::Load(const Options& options, const sockaddr_storage& address) : options_(options), address_(address) {
  uv_loop_init(&loop_);
  uv_timer_init(&loop_, &limit_);
  limit_.data = this;
  const std::size_t at = options.path.find("{n}");
  has_number_ = at != std::string::npos;
  std::string after = " HTTP/1.1\r\nHost: " + options.host_header + "\r\nUser-Agent: weir-bench\r\nAccept: */*\r\n";
  if (options.closes) after += "Connection: close\r\n";
  if (options.body_bytes > 0) after += "Content-Type: application/octet-stream\r\nContent-Length: " + std::to_string(options.body_bytes) + "\r\n";
  after += "\r\n" + std::string(options.body_bytes, 'x');
  before_number_ = (options.body_bytes > 0 ? "POST " : "GET ") + options.path.substr(0, at);
  after_number_ = (has_number_ ? options.path.substr(at + 3) : std::string()) + after;
}

Load::~Load() {
  connections_.clear();
  if (tick_fd_ >= 0) {
    uv_close(reinterpret_cast<uv_handle_t*>(&tick_), nullptr);
  }
  uv_close(reinterpret_cast<uv_handle_t*>(&limit_), nullptr);
  uv_run(&loop_, UV_RUN_DEFAULT);
  if (tick_fd_ >= 0) ::close(tick_fd_);
  uv_loop_close(&loop_);
}

bool Load::run() {
  const std::uint32_t count = options_.hold > 0 ? options_.hold : options_.connections;
  for (std::uint32_t i = 0; i < count; ++i) {
    connections_.push_back(std::make_unique<Connection>(loop_, address_, static_cast<ConnectionOwner&>(*this)));
    if (options_.closes) free_.push_back(connections_.back().get());
  }
  if (options_.closes) {
    begin();
  } else {
    // A few at a time: a listener's queue is short.
    opening_ = std::min<std::size_t>(count, 64);
    for (std::size_t i = 0; i < opening_; ++i) connections_[i]->open();
  }
  uv_run(&loop_, UV_RUN_DEFAULT);
  return !findings_.latencies_ns.empty();
}

void Load::on_opened(Connection& connection) {
  if (has_begun_) return;
  if (!connection.is_open()) {
    ++findings_.failed;
    ++failed_to_open_;
  }
  if (opening_ < connections_.size()) {
    connections_[opening_++]->open();
    return;
  }
  if (std::any_of(connections_.begin(), connections_.end(), [](const auto& each) { return each->is_open(); })) {
    // The last ones may still be on their way: whoever is not open yet opens when its turn comes.
    for (const auto& each : connections_) free_.push_back(each.get());
    begin();
  } else if (findings_.failed >= connections_.size()) {
    end();
  }
}

void Load::begin() {
  has_begun_ = true;
  is_sending_ = true;
  begun_ns_ = uv_hrtime();
  if (options_.hold > 0) {
    options_.requests = options_.hold;
    options_.seconds = 120;
  }
  uv_timer_start(&limit_, [](uv_timer_t* timer) { static_cast<Load*>(timer->data)->end(); },
                 static_cast<std::uint64_t>(options_.seconds * 1000) + kPatienceMs, 0);
  if (options_.rate > 0) {
    start_ticking();
  } else {
    dispatch();
  }
}

/// A timer of the kernel's with a period of one request: libuv's own know milliseconds only.
void Load::start_ticking() {
  tick_fd_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  itimerspec period{};
  const auto gap_ns = std::max<std::uint64_t>(20'000, static_cast<std::uint64_t>(1e9 / options_.rate));
  period.it_interval.tv_sec = static_cast<time_t>(gap_ns / 1'000'000'000);
  period.it_interval.tv_nsec = static_cast<long>(gap_ns % 1'000'000'000);
  period.it_value = period.it_interval;
  timerfd_settime(tick_fd_, 0, &period, nullptr);
  uv_poll_init(&loop_, &tick_, tick_fd_);
  tick_.data = this;
  uv_poll_start(&tick_, UV_READABLE, [](uv_poll_t* poll, int, int) {
    auto* self = static_cast<Load*>(poll->data);
    std::uint64_t expirations = 0;
    [[maybe_unused]] const ssize_t got = ::read(self->tick_fd_, &expirations, sizeof expirations);
    self->take_due();
    self->dispatch();
  });
}

bool Load::may_send_more() const {
  return is_sending_ && (options_.requests == 0 || issued_ < options_.requests);
}

void Load::take_due() {
  const std::uint64_t now = uv_hrtime();
  const double elapsed = static_cast<double>(now - begun_ns_) / 1e9;
  const double until = std::min(elapsed, options_.seconds);
  while (may_send_more() && static_cast<double>(issued_) < until * options_.rate) {
    due_.push_back(begun_ns_ + static_cast<std::uint64_t>(static_cast<double>(issued_) / options_.rate * 1e9));
    findings_.own_lag_ns.push_back(now - due_.back());
    ++issued_;
    if (free_.empty()) ++findings_.waited;
  }
  if (elapsed >= options_.seconds) is_sending_ = false;
  finish_if_done();
}

void Load::dispatch() {
  if (is_dispatching_) return;
  is_dispatching_ = true;
  while (!free_.empty() && !has_ended_) {
    if (options_.hold > 0 && issued_ - settled() >= kHeldAtOnce) break;
    const std::uint64_t now = uv_hrtime();
    if (options_.rate > 0) {
      if (due_.empty()) break;
    } else {
      if (static_cast<double>(now - begun_ns_) / 1e9 >= options_.seconds) is_sending_ = false;
      if (!may_send_more()) break;
      due_.push_back(now);
      ++issued_;
    }
    Connection* connection = free_.front();
    free_.pop_front();
    const std::uint64_t intended = due_.front();
    due_.pop_front();
    connection->send(next_request(), intended);
  }
  is_dispatching_ = false;
  finish_if_done();
}

std::string Load::next_request() {
  std::string request = before_number_;
  if (has_number_) request += std::to_string(options_.first + sent_++ % options_.distinct);
  request += after_number_;
  return request;
}

void Load::on_finished(Connection& connection, bool is_whole) {
  if (has_ended_) return;
  if (is_whole) {
    findings_.latencies_ns.push_back(uv_hrtime() - connection.intended_ns());
    findings_.bad_status += connection.answer().status() >= 400;
    findings_.body_bytes += connection.answer().body_bytes();
  } else {
    ++findings_.failed;
    if (findings_.failed >= kHopeless && findings_.latencies_ns.empty()) {
      end();
      return;
    }
  }
  if (options_.closes) connection.close();
  if (options_.hold == 0) free_.push_back(&connection);
  dispatch();
}

void Load::finish_if_done() {
  if (has_begun_ && !has_ended_ && !may_send_more() && due_.empty() && settled() >= issued_) end();
}

void Load::end() {
  if (has_ended_) return;
  has_ended_ = true;
  const std::uint64_t now = uv_hrtime();
  if (begun_ns_ != 0) findings_.seconds = static_cast<double>(now - begun_ns_) / 1e9;
  if (options_.rate > 0) findings_.seconds = std::min(findings_.seconds, options_.seconds);
  for (const auto& connection : connections_) {
    if (!connection->is_busy()) continue;
    findings_.latencies_ns.push_back(now - connection->intended_ns());
    ++findings_.unfinished;
  }
  for (const std::uint64_t intended : due_) {
    findings_.latencies_ns.push_back(now - intended);
    ++findings_.unfinished;
  }
  uv_timer_stop(&limit_);
  if (tick_fd_ >= 0) uv_poll_stop(&tick_);
  uv_stop(&loop_);
}

}  // namespace generator
