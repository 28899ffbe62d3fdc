#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <weir/base/check.h>

#include "exchange.h"
#include "local_reply.h"

namespace weir::proto::http1 {

void Exchange::move(Upload to) {
  WEIR_CHECK(may_follow(upload_, to), "a request cannot go from this state to that one");
  upload_ = to;
}

void Exchange::move(Download to) {
  WEIR_CHECK(may_follow(download_, to), "a response cannot go from this state to that one");
  download_ = to;
}

void Exchange::fail(Fault failure, std::string_view detail, TimePoint now) {
  discard_request();
  switch (download_) {
    case Download::awaited:
      reply_locally(failure, detail, now);
      return;
    case Download::relaying:
      leave_app();
      fault = failure;
      untaken_ = std::numeric_limits<std::size_t>::max();
      move(Download::cutting);
      cut(now);
      return;
    case Download::draining:
      // The response is complete, so the client gets it, whatever has become of the request.
      leave_app();
      if (upload_ == Upload::refused) client().stop_reading();
      settle(now);
      return;
    case Download::given:
      leave_app();
      over(Afterwards::linger, now);
      return;
    case Download::cutting:
    case Download::tunnel:
      return;
  }
}

/// The end of a response that broke off, once the client has been given what there is of it. Where the framing shows
/// that something is missing, an orderly end keeps what lies in the socket; where only the connection's end says that
/// the response is whole, a reset must tell that it is not, and a reset throws away what lies in the socket.
void Exchange::cut(TimePoint now) {
  const std::size_t untaken = client().untaken();
  const bool is_through = ends_by_closing_ ? untaken == 0 : client().queued() == 0;
  if (untaken < untaken_) progress_ = now;
  untaken_ = untaken;
  if (!is_through && now - progress_ < http_.plan().timeouts.idle) {
    wait(now);
    return;
  }
  at.response_last = now;
  record(now);
  over(is_through && !ends_by_closing_ ? Afterwards::linger : Afterwards::reset, now);
}

void Exchange::reply_locally(Fault failure, std::string_view detail, TimePoint now) {
  fault = failure;
  status = static_cast<std::uint16_t>(status_of(failure));
  traits |= stats::kLocalReply;
  traits &= static_cast<std::uint16_t>(~stats::kStream);  // that of the app may have begun as one
  leave_app();
  if (!is_request_done()) client_closes_ = true;
  const stats::MeasureOptions& measure = http_.plan().measure;
  std::string with_limit;
  if (const auto limit = http::limit_in(detail, http_.shape().limits)) {
    detail = with_limit = fmt::format("{}, {}", detail, limit->value);
  }
  const LocalReply reply{
      .fault = failure,
      .detail = detail,
      .request_id_name = measure.request_id_on_response ? std::string_view(measure.request_id_header) : "",
      .request_id = texts.request_id,
      .response_time_name = response_time_name(),
      .response_time = response_time(),
      .is_head_request = is_head_request_,
      .closes = client_closes_,
      .is_http10_keep_alive = minor_version == 0,
  };
  std::string out;
  write_local_reply(out, reply);
  const net::Write outcome = client().write(out);
  at.first_byte_given = now;
  at.response_last = now;
  if (outcome == net::Write::queued) {
    move(Download::draining);
    settle(now);
    return;
  }
  response_given(Clock::now());
}

void Exchange::on_aborted(TimePoint now) {
  if (is_tunnel()) {
    end_tunnel(Fault::draining, now);
    return;
  }
  leave_app();
  if (download_ == Download::given) {
    over(Afterwards::close, now);
    return;
  }
  // There is no time left to wait for anybody.
  if (fault == Fault::none) fault = Fault::draining;
  at.response_last = now;
  record(now);
  over(Afterwards::reset, now);
}

/// The upstream connection goes back to its pool if it can serve again, or stays with this client where it is
/// authenticated for it. Nothing happens where there is none any more.
void Exchange::release_connection(TimePoint now) {
  if (connection_ == nullptr) return;
  if (!upstream_persists_ || upload_ != Upload::sent || connection_->stream().queued() > 0) {
    leave_app();
    return;
  }
  proxy::UpstreamPool& pool = *std::exchange(pool_, nullptr);
  if (is_bound_) [[unlikely]] {
    session_->bind(pool, std::move(connection_));
  } else {
    pool.give_back(std::move(connection_), now);
  }
}

/// Waits for no connection any more and uses none. Another attempt may follow.
void Exchange::drop_connection() {
  if (pool_ == nullptr) return;
  // Without an attempt or a connection of its own the exchange may have outlived the pool.
  if (is_waiting()) pool_->withdraw(*this, Clock::now());
  if (connection_ != nullptr) pool_->drop(std::move(connection_));
}

/// The app has no part in the exchange any more. A pool that was left may be gone soon.
void Exchange::leave_app() {
  drop_connection();
  pool_ = nullptr;
}

void Exchange::end_hold(TimePoint now) {
  if (held_since_ != TimePoint()) at.app_held += now - std::exchange(held_since_, TimePoint());
}

void Exchange::record(TimePoint now) {
  move(Download::given);
  end_hold(now);
  at.last_byte_given = now;
  http_.worker().recorder().finish(*this);
}

void Exchange::over(Afterwards afterwards, TimePoint now) {
  Session* session = std::exchange(session_, nullptr);
  session->exchange_over(afterwards, now);
}

}  // namespace weir::proto::http1
