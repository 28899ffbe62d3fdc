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
  const net::Write outcome = connection_->stream().write(std::string_view(data.data(), data.size()));
  if (outcome == net::Write::queued) hold_client();
  if (outcome == net::Write::failed) end_tunnel(Fault::upstream_truncated, Clock::now());
}

void Exchange::tunnel_from_upstream(std::span<char> data) {
  bytes_out += data.size();
  const net::Write outcome = client().write(std::string_view(data.data(), data.size()));
  if (outcome == net::Write::queued) {
    connection_->stream().stop_reading();
    connection_->stream().watch_peer();
  }
  if (outcome == net::Write::failed) end_tunnel(Fault::client_aborted, Clock::now());
}

/// One side has said all there is; the other is told and goes on. That the first one leaves shows from now on only to
/// those who watch it.
void Exchange::tunnel_side_ended(TunnelEnds side, TimePoint now) {
  tunnel_ends_ = tunnel_ends_ | side;
  net::Stream& ended = side == TunnelEnds::client ? client() : connection_->stream();
  net::Stream& other = side == TunnelEnds::client ? connection_->stream() : client();
  ended.watch_peer();
  other.shutdown();
  end_tunnel_if_through(now);
}

/// Both sides have said all there is, and what is queued has reached them.
void Exchange::end_tunnel_if_through(TimePoint now) {
  if (tunnel_ends_ != TunnelEnds::both) return;
  if (client().queued() > 0) {
    wait_for_client(now);
  } else if (connection_->stream().queued() > 0) {
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
  over(how == Fault::upstream_truncated ? Afterwards::reset : Afterwards::close, now);
}

}  // namespace weir::proto::http1
