// HOT PATH: no allocation once warm, no lock, no system call but the socket's own, no log above debug.
// What an exchange waits for, how long, and what it does when that does not come.
#include <fmt/format.h>

#include "exchange.h"

namespace weir::proto::http1 {
namespace {

/// A body larger than this may lie in the kernel for long after it was sent.
constexpr std::uint64_t kLargeBody = 64 * 1024;
/// How often weir looks whether a client has taken the rest of a response that broke off: nothing tells it.
constexpr Nanos kCutStep = 50ms;

}  // namespace

/// Ends every event that leaves the exchange under way. It is over once the response was given and the request has
/// reached its end, on one way or the other.
void Exchange::settle(TimePoint now) {
  if (download_ != Download::given) {
    wait(now);
    return;
  }
  if (is_request_done() && upload_ != Upload::flushing) {
    release_connection(now);
    over(client_closes_ ? Afterwards::close : Afterwards::keep, now);
    return;
  }
  // The app responded early. While it reads on, so does weir.
  const bool app_reads_on = upload_ == Upload::flushing || (upload_ == Upload::streaming && upstream_persists_);
  if (app_reads_on && connection_ != nullptr) {
    wait(now);
    return;
  }
  leave_app();
  over(Afterwards::linger, now);
}

/// The one deadline that fits the state. Whatever has moved sets it again, in either direction: a deadline is about an
/// exchange in which nothing moves, and says by its kind who has to move next.
void Exchange::wait(TimePoint now) {
  switch (download_) {
    case Download::awaited:
      if (upload_ == Upload::held) return;  // until the pool has a connection or gives up
      if (upload_ == Upload::streaming && connection_->stream().queued() == 0 && !expects_continue_) {
        session_->wait_for(Waiting::body, now, http_.plan().timeouts.request_body);
      } else {
        wait_for_app(Waiting::response, pool_->options().timeouts.response, now);
      }
      return;
    case Download::relaying:
      if (client().queued() > 0) {
        wait_for_client(now);
      } else if ((traits & stats::kStream) != 0) {
        // It may be silent for as long as the app likes; keep-alive probes find dead peers.
        session_->wait_for_nothing();
      } else {
        session_->wait_for(Waiting::response_body, now, pool_->options().timeouts.idle);
      }
      return;
    case Download::tunnel:
      if (tunnel_ends_ == TunnelEnds::both) {
        end_tunnel_if_through(now);
      } else {
        session_->wait_for_nothing();
      }
      return;
    case Download::draining:
      wait_for_client(now);
      return;
    case Download::cutting:
      // What comes of the request puts no look off.
      if (!session_->waits_for(Waiting::cut)) session_->wait_for(Waiting::cut, now, kCutStep);
      return;
    case Download::given:
      if (upload_ == Upload::streaming && connection_->stream().queued() == 0) {
        session_->wait_for(Waiting::body, now, http_.plan().timeouts.request_body);
      } else {
        wait_for_app(Waiting::upload, pool_->options().timeouts.idle, now);
      }
      return;
  }
}

/// An app that still takes what was sent to it is at work: its time begins again with each byte.
void Exchange::wait_for_app(Waiting what, Nanos limit, TimePoint now) {
  untaken_ = 0;
  if (connection_ != nullptr && (body_size_ > kLargeBody || connection_->stream().queued() > 0)) {
    untaken_ = connection_->stream().untaken();
  }
  session_->wait_for(what, now, limit);
}

/// A client that reads what is queued for it, however slowly, is none that stalls.
void Exchange::wait_for_client(TimePoint now) {
  untaken_ = client().untaken();
  session_->wait_for(Waiting::client, now,
                     connection_ == nullptr ? http_.plan().timeouts.idle : pool_->options().timeouts.idle);
}

/// Whether what is waited for lies in the socket and is about to be read: weir itself was held up, by a busy machine or a
/// debugger, and nobody else is late.
bool Exchange::has_come(Waiting waiting) {
  const auto is_there = [](net::Stream& stream) { return stream.is_reading() && stream.has_unread_in_socket(); };
  switch (waiting) {
    case Waiting::body:
      return is_there(client());
    case Waiting::response:
    case Waiting::response_body:
      return connection_ != nullptr && is_there(connection_->stream());
    default:
      return false;
  }
}

void Exchange::on_timeout(Waiting waiting, TimePoint now) {
  if (has_come(waiting)) {
    wait(now);
    return;
  }
  const bool app_moves = connection_ != nullptr && untaken_ > 0 && connection_->stream().untaken() < untaken_;
  switch (waiting) {
    case Waiting::body:
      client_closes_ = true;
      fail(Fault::request_timeout, "the request body stalled for longer than timeouts.request_body", now);
      return;
    case Waiting::response:
      if (app_moves) {
        wait(now);
        return;
      }
      fail(Fault::response_timeout, "the app did not respond within timeouts.response", now);
      return;
    case Waiting::response_body:
      fail(Fault::upstream_idle_timeout, "the response stalled for longer than timeouts.idle", now);
      return;
    case Waiting::upload:
      if (app_moves) {
        wait(now);
        return;
      }
      if (is_tunnel()) {
        end_tunnel(Fault::none, now);
        return;
      }
      // The client has its response; the app does not want the rest of the request.
      leave_app();
      discard_request();
      settle(now);
      return;
    case Waiting::client:
      if (client().untaken() < untaken_) {
        wait(now);
        return;
      }
      if (fault == Fault::none && !is_tunnel()) fault = Fault::client_stalled;
      on_client_failed(now);
      return;
    case Waiting::cut:
      cut(now);
      return;
    default:
      return;
  }
}

/// Whether the client's end of stream leaves the exchange as it is: everybody can still get what they are owed.
bool Exchange::outlives_client_end() const {
  switch (download_) {
    case Download::awaited:
    case Download::relaying:
      return pool_ != nullptr && pool_->options().on_client_close == proxy::OnClientClose::keep_going;
    default:
      return true;
  }
}

void Exchange::on_client_ended(TimePoint now) {
  if (is_tunnel()) {
    tunnel_side_ended(TunnelEnds::client, now);
    return;
  }
  if (download_ == Download::draining && !is_request_done()) {
    // The rest of the request will not come; all of the response is here.
    leave_app();
    if (upload_ != Upload::refused) move(Upload::discarding);
    settle(now);
    return;
  }
  // Half a request must never look like a whole one to the app: its connection ends with it.
  if (!is_request_done() || !outlives_client_end()) {
    client_left(now);
    return;
  }
  if (download_ == Download::given) return;  // the app has yet to take the end of the request
  client().watch_peer();
  client().probe_peer(kProbePeerAfter);
}

void Exchange::on_client_ended_unread(TimePoint now) {
  if (!is_tunnel() && !outlives_client_end()) client_left(now);
}

/// There is nobody any more who wants the response.
void Exchange::client_left(TimePoint now) {
  leave_app();
  // One that only ended its sending direction and reads on must not take what it has for the whole response.
  const bool is_cut = download_ == Download::relaying || download_ == Download::cutting;
  const bool looks_whole = is_cut && ends_by_closing_;
  if (download_ != Download::given) {
    if (fault == Fault::none) fault = Fault::client_aborted;
    record(now);
  }
  over(looks_whole ? Afterwards::reset : Afterwards::close, now);
}

void Exchange::on_client_failed(TimePoint now) {
  if (is_tunnel()) {
    end_tunnel(Fault::client_aborted, now);
    return;
  }
  leave_app();
  if (download_ != Download::given) {
    if (fault == Fault::none) fault = Fault::client_aborted;
    record(now);
  }
  over(Afterwards::reset, now);
}

}  // namespace weir::proto::http1
