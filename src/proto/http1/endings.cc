#include <string>
#include <utility>

#include <fmt/format.h>

#include "exchange.h"
#include "local_reply.h"

namespace weir::proto::http1 {
namespace {

/// A body larger than this may lie in the kernel for long after it was sent.
constexpr std::uint64_t kLargeBody = 64 * 1024;

}  // namespace

void Exchange::fail(Fault failure, std::string_view detail, TimePoint now) {
  discards_request_ = true;
  if (is_recorded_) {
    // The answer was given; only the rest of the request went wrong.
    drop_connection();
    over(Afterwards::linger, now);
    return;
  }
  if (!has_response_begun_) {
    reply_locally(failure, detail, now);
    return;
  }
  drop_connection();
  if (client().queued() > 0) {
    // What came before the fault reaches the client first.
    cut_after_drain_ = failure;
    wait_for_client(now);
    return;
  }
  cut(failure, now);
}

/// The client gets a reset, never a clean end, so that it cannot take what it has for the whole.
void Exchange::cut(Fault failure, TimePoint now) {
  fault = failure;
  drop_connection();
  at.response_last = now;
  record(now);
  over(Afterwards::reset, now);
}

void Exchange::reply_locally(Fault failure, std::string_view detail, TimePoint now) {
  fault = failure;
  status = static_cast<std::uint16_t>(status_of(failure));
  traits |= stats::kLocalReply;
  drop_connection();
  if (!is_request_done()) client_closes_ = true;
  const stats::MeasureOptions& measure = http_.plan().measure;
  const LocalReply reply{
      .fault = failure,
      .detail = detail,
      .request_id_name = measure.request_id_on_response ? std::string_view(measure.request_id_header) : "",
      .request_id = texts.request_id,
      .response_time_name = response_time_name(),
      .response_time = response_time(),
      .is_head_request = is_head_request_,
      .closes = client_closes_,
      .is_http10_keep_alive = client_minor_version_ == 0,
  };
  std::string out;
  write_local_reply(out, reply);
  const net::Write outcome = client().write(out);
  has_response_begun_ = true;
  is_response_done_ = true;
  at.first_byte_given = now;
  at.response_last = now;
  if (outcome == net::Write::queued) {
    wait_for_client(now);
    return;
  }
  response_given(Clock::now());
}

void Exchange::on_client_ended(TimePoint now) {
  if (is_tunnel_) {
    tunnel_side_ended(true, now);
    return;
  }
  // A client that has sent its whole request and closed its direction still waits for the answer.
  if (is_request_done()) return;
  if (is_recorded_) {
    drop_connection();
    over(Afterwards::close, now);
    return;
  }
  // Half a request must never look like a whole one to the app: its connection ends with it.
  fault = Fault::client_aborted;
  drop_connection();
  record(now);
  over(Afterwards::close, now);
}

void Exchange::on_client_failed(TimePoint now) {
  if (is_tunnel_) {
    end_tunnel(Fault::client_aborted, now);
    return;
  }
  if (!is_recorded_) {
    if (fault == Fault::none) fault = Fault::client_aborted;
    drop_connection();
    record(now);
  }
  drop_connection();
  over(Afterwards::reset, now);
}

/// An app that still takes what was sent to it is at work: its time begins anew.
void Exchange::wait_for_response(TimePoint now) {
  const net::Stream& app = connection_->stream();
  untaken_ = bytes_in > kLargeBody || app.queued() > 0 ? app.untaken() : 0;
  session_->wait_for(Waiting::response, now, pool_->options().timeouts.response);
}

/// A client that reads what is queued for it, however slowly, is none that stalls.
void Exchange::wait_for_client(TimePoint now) {
  untaken_ = client().untaken();
  session_->wait_for(Waiting::client, now,
                     connection_ == nullptr ? http_.plan().timeouts.idle : pool_->options().timeouts.idle);
}

void Exchange::on_timeout(Waiting waiting, TimePoint now) {
  switch (waiting) {
    case Waiting::body:
      client_closes_ = true;
      fail(Fault::request_timeout, "the request body stalled for longer than timeouts.request_body", now);
      return;
    case Waiting::response:
      if (untaken_ > 0 && connection_->stream().untaken() < untaken_) {
        wait_for_response(now);
        return;
      }
      fail(Fault::response_timeout, "the app did not answer within timeouts.response", now);
      return;
    case Waiting::response_body:
      fail(Fault::upstream_idle_timeout, "the answer stalled for longer than timeouts.idle", now);
      return;
    case Waiting::client:
      if (client().untaken() < untaken_) {
        wait_for_client(now);
        return;
      }
      if (fault == Fault::none) fault = cut_after_drain_ == Fault::none ? Fault::client_stalled : cut_after_drain_;
      on_client_failed(now);
      return;
    default:
      return;
  }
}

void Exchange::on_aborted(TimePoint now) {
  if (is_tunnel_) {
    end_tunnel(Fault::draining, now);
    return;
  }
  if (is_recorded_) {
    drop_connection();
    over(Afterwards::close, now);
    return;
  }
  cut(Fault::draining, now);
}

/// The upstream connection goes back to its pool if it can serve again. Nothing happens where there is none any more.
void Exchange::release_connection(TimePoint now) {
  if (connection_ == nullptr) return;
  if (upstream_persists_ && is_sendable_ && connection_->stream().queued() == 0) {
    pool_->give_back(std::move(connection_), now);
  } else {
    drop_connection();
  }
}

void Exchange::drop_connection() {
  if (pool_ == nullptr) return;
  // Without an attempt or a connection of its own the exchange may have outlived the pool.
  if (is_waiting()) pool_->withdraw(*this, Clock::now());
  if (connection_ != nullptr) pool_->drop(std::move(connection_));
}

void Exchange::record(TimePoint now) {
  if (is_recorded_) return;
  is_recorded_ = true;
  at.last_byte_given = now;
  http_.worker().recorder().finish(*this);
}

void Exchange::over(Afterwards afterwards, TimePoint now) {
  Session* session = std::exchange(session_, nullptr);
  session->exchange_over(afterwards, now);
}

}  // namespace weir::proto::http1
