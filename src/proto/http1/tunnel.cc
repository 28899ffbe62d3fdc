#include <limits>
#include <utility>

#include "exchange.h"
#include "part.h"

namespace weir::proto::http1 {
/// 101: what follows belongs to another protocol (RFC 9110 section 7.8). weir becomes a pipe.
void Exchange::begin_tunnel(const http::ResponseHead& head, std::span<char> rest, TimePoint now) {
  if (!wants_upgrade_ || !head.upgrades || !is_request_done()) {
    fail(Fault::upstream_invalid, "the app switched protocols without being asked to", now);
    return;
  }
  status = head.status;
  traits |= stats::kStream;
  move(Download::tunnel);
  ResponseAdditions additions;
  if (!response_time_name().empty() && head.find(http_.shape().response_time) == nullptr) {
    additions.response_time_name = response_time_name();
    additions.response_time = response_time();
  }
  additions.connection = ConnectionWord::upgrade;
  HeadBuffer& out = http_.scratch();
  write_response_head(out, head, additions);
  bytes_out += rest.size();
  wait(now);
  probe_peers();
  const iovec parts[] = {part(out.view()), {rest.data(), rest.size()}};
  const net::Write outcome = client().write(parts);
  if (outcome == net::Write::failed) {
    end_tunnel(Fault::client_aborted, now);
    return;
  }
  if (outcome == net::Write::queued) connection_->stream().stop_reading();
  at.first_byte_given = Clock::now();
  std::string early = session_->take_pending();
  if (!early.empty()) {
    tunnel_from_client(early);
    if (!is_tunnel()) return;
  }
  if (session_->has_client_ended()) {
    tunnel_side_ended(TunnelEnds::client, now);
  } else if (connection_ != nullptr && connection_->stream().queued() == 0) {
    client().start_reading();
  }
}

/// A tunnel or an event stream may be silent for as long as both ends like; keep-alive probes find those that are gone.
void Exchange::probe_peers() {
  client().probe_peer(kProbePeerAfter);
  connection_->stream().probe_peer(kProbePeerAfter);
}

void Exchange::tunnel_from_client(std::span<char> data) {
  bytes_in += data.size();
  if (includes(tunnel_deaf_, TunnelEnds::app)) return;
  const net::Write outcome = connection_->stream().write(std::string_view(data.data(), data.size()));
  if (outcome == net::Write::queued) hold_client();
  if (outcome == net::Write::failed) tunnel_side_takes_no_more(TunnelEnds::app, Clock::now());
}

void Exchange::tunnel_from_upstream(std::span<char> data) {
  bytes_out += data.size();
  if (includes(tunnel_deaf_, TunnelEnds::client)) return;
  const net::Write outcome = client().write(std::string_view(data.data(), data.size()));
  if (outcome == net::Write::queued) {
    connection_->stream().stop_reading();
    connection_->stream().watch_peer();
  }
  if (outcome == net::Write::failed) tunnel_side_takes_no_more(TunnelEnds::client, Clock::now());
}

/// A side that has closed its connection may have said more than was read of it: the other one still gets that. What the
/// other one says is read and thrown away from here on.
void Exchange::tunnel_side_takes_no_more(TunnelEnds side, TimePoint now) {
  tunnel_deaf_ = tunnel_deaf_ | side;
  const bool is_client = side == TunnelEnds::client;
  net::Stream& deaf = is_client ? client() : connection_->stream();
  net::Stream& other = is_client ? connection_->stream() : client();
  if (includes(tunnel_ends_, side)) {
    tunnel_ends_ = TunnelEnds::both;
    end_tunnel_if_through(now);
  } else if (!deaf.is_tls() && deaf.has_bytes()) {
    if (other.queued() == 0) deaf.start_reading();
    if (!includes(tunnel_ends_, is_client ? TunnelEnds::app : TunnelEnds::client)) other.start_reading();
  } else if (is_client) {
    end_tunnel(Fault::client_aborted, now);
  } else {
    app_broke_tunnel(now);
  }
}

/// The client gets what the app had sent, and then the reset too.
void Exchange::app_broke_tunnel(TimePoint now) {
  leave_app();
  ends_by_closing_ = true;
  untaken_ = std::numeric_limits<std::size_t>::max();
  move(Download::cutting);
  cut(now);
}

/// One side has said all there is; the other is told and goes on. That the first one leaves shows from now on only to
/// those who watch it.
void Exchange::tunnel_side_ended(TunnelEnds side, TimePoint now) {
  tunnel_ends_ = includes(tunnel_deaf_, side) ? TunnelEnds::both : tunnel_ends_ | side;
  net::Stream& ended = side == TunnelEnds::client ? client() : connection_->stream();
  net::Stream& other = side == TunnelEnds::client ? connection_->stream() : client();
  ended.watch_peer();
  other.shutdown();
  end_tunnel_if_through(now);
}

/// Both sides have said all there is, and what is queued has reached them.
void Exchange::end_tunnel_if_through(TimePoint now) {
  if (tunnel_ends_ != TunnelEnds::both) return;
  if (!includes(tunnel_deaf_, TunnelEnds::client) && client().queued() > 0) {
    wait_for_client(now);
  } else if (!includes(tunnel_deaf_, TunnelEnds::app) && connection_->stream().queued() > 0) {
    wait_for_app(Waiting::upload, pool_->options().timeouts.idle, now);
  } else {
    end_tunnel(Fault::none, now);
  }
}

void Exchange::end_tunnel(Fault how, TimePoint now) {
  // A pipe that breaks after its protocol was agreed on is that protocol's business: no fault of the exchange.
  if (at.first_byte_given == TimePoint()) fault = how;
  at.response_last = now;
  leave_app();
  record(now);
  // A client whose side of the tunnel still stands may be sending.
  over(how == Fault::none ? Afterwards::linger : Afterwards::close, now);
}

}  // namespace weir::proto::http1
