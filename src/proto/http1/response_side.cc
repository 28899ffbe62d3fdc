// HOT PATH: no allocation once warm, no lock, no system call but the socket's own, no log above debug.
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <weir/base/bytes.h>

#include "connection_auth.h"
#include "exchange.h"
#include "part.h"

namespace weir::proto::http1 {
namespace {

/// An upstream that sends more interim responses than this before the final one means harm.
constexpr std::uint32_t kMaxInterimResponses = 32;

bool is_event_stream(const http::ResponseHead& head) {
  constexpr std::string_view kType = "text/event-stream";
  const http::Field* field = head.find(http::FieldId::content_type);
  return field != nullptr && equals_ignoring_case(field->value().substr(0, kType.size()), kType);
}

}  // namespace

void Exchange::on_data(net::Stream&, std::span<char> data) {
  if (is_tunnel()) {
    tunnel_from_upstream(data);
    return;
  }
  const TimePoint now = Clock::now();
  switch (download_) {
    case Download::awaited:
      if (at.response_first == TimePoint()) at.response_first = now;
      if (partial_head_.empty()) {
        read_response_heads(data, now);
      } else {
        read_more_of_head(data, now);
      }
      return;
    case Download::relaying:
      relay_response({}, data, now);
      return;
    default:
      // More than the response came while the request is still on its way: it must not be taken for the next response.
      upstream_persists_ = false;
  }
}

void Exchange::read_more_of_head(std::span<char> data, TimePoint now) {
  partial_head_.append(data.data(), data.size());
  if (!when_to_parse_.is_worth_parsing(partial_head_, http_.shape().limits.head_bytes)) return;
  std::string buffer = std::exchange(partial_head_, {});
  read_response_heads(buffer, now);
}

void Exchange::read_response_heads(std::span<char> data, TimePoint now) {
  http::HeadParser& parser = http_.parser();
  while (true) {
    const http::Parse outcome = parser.parse_response({data.data(), data.size()}, method);
    if (outcome == http::Parse::incomplete) {
      partial_head_.assign(data.data(), data.size());
      when_to_parse_.note_incomplete(partial_head_);
      return;
    }
    if (outcome == http::Parse::refused) {
      const std::string reason = parser.reason();
      // What a kept connection begins with may be left over from before: then it is no response to this request.
      if (connection_->is_reused() && interim_responses_ == 0) {
        at.response_first = TimePoint();
        if (try_again(Retry::stale, now)) return;
        at.response_first = now;
      }
      fail(Fault::upstream_invalid, reason, now);
      return;
    }
    const http::ResponseHead& head = parser.response();
    data = data.subspan(head.raw.size());
    if (head.status == 101) {
      begin_tunnel(head, data, now);
      return;
    }
    if (head.status >= 200) {
      if (head.status == 408 && is_renewed(now)) return;
      begin_response(head, data, now);
      return;
    }
    if (!forward_interim(head, now)) return;
    // An interim response is not the response: that one's first byte is still to come.
    at.response_first = data.empty() ? TimePoint() : now;
    if (data.empty()) return;
  }
}

/// 408 is how a server may end a connection that it found idle (RFC 9110 section 15.5.9). On a kept connection it says
/// nothing of this request, which goes to another one where it may. True: it does.
bool Exchange::is_renewed(TimePoint now) {
  if (!connection_->is_reused() || interim_responses_ > 0) return false;
  const TimePoint first = std::exchange(at.response_first, TimePoint());
  if (try_again(Retry::stale, now)) return true;
  at.response_first = first;
  return false;
}

/// 100, 102, 103 and their like go on at once (RFC 9110 section 15.2), but never to HTTP/1.0, which knows none.
/// False: the exchange is over.
bool Exchange::forward_interim(const http::ResponseHead& head, TimePoint now) {
  if (++interim_responses_ > kMaxInterimResponses) {
    fail(Fault::upstream_invalid, "too many interim responses came before the final one", now);
    return false;
  }
  if (minor_version == 0) return true;
  if (head.status == 100) expects_continue_ = false;
  HeadBuffer& out = http_.scratch();
  write_response_head(out, head, {});
  if (client().write(out.view()) == net::Write::failed) {
    on_client_failed(now);
    return false;
  }
  return true;
}

std::string_view Exchange::response_time_name() const { return http_.plan().measure.response_time_header; }

/// `12.345ms`, from the request's first byte to the response's first byte.
std::string_view Exchange::response_time() {
  const TimePoint first = at.response_first == TimePoint() ? Clock::now() : at.response_first;
  const auto micros =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(first - at.first_byte).count());
  // By hand: this is on every answer, and a general formatter costs more than the rest of the head.
  char* end = response_time_.data() + response_time_.size();
  char* out = end;
  *--out = 's';
  *--out = 'm';
  std::uint64_t value = micros;
  for (int digits = 0; digits < 3; ++digits, value /= 10) *--out = static_cast<char>('0' + value % 10);
  *--out = '.';
  do {
    *--out = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  return {out, static_cast<std::size_t>(end - out)};
}

void Exchange::begin_response(const http::ResponseHead& head, std::span<char> body, TimePoint now) {
  status = head.status;
  note_said(head);
  const bool app_takes_request = upload_ != Upload::discarding;
  upstream_persists_ = head.persists && app_takes_request && status != 408;
  if (status == 401 || status == 407) is_bound_ |= offers_connection_auth(head);
  const bool knows_chunks = minor_version >= 1;
  response_body_.start(head.framing,
                       knows_chunks ? http::ChunkedReader::Output::chunks : http::ChunkedReader::Output::bare,
                       http_.shape().limits);
  ends_by_closing_ = head.framing.kind == http::Framing::Kind::until_close ||
                     (head.framing.kind == http::Framing::Kind::chunked && !knows_chunks);
  if (expects_continue_) {
    // Nobody knows whether the body still comes (RFC 9110 section 10.1.1), so neither connection can be read on.
    upstream_persists_ = false;
  }
  const bool leaves_bytes = wants_upgrade_ && session_->has_pending();
  if (ends_by_closing_ || leaves_bytes || (!is_request_done() && !upstream_persists_) ||
      http_.worker().is_ending(session_->listener())) {
    client_closes_ = true;
  }
  if (status / 100 == 2 && (is_stream_route_ || is_event_stream(head))) {
    traits |= stats::kStream;
    probe_peers();
  }

  const stats::MeasureOptions& measure = http_.plan().measure;
  ResponseAdditions additions;
  if (!measure.response_time_header.empty() && head.find(http_.shape().response_time) == nullptr) {
    additions.response_time_name = response_time_name();
    additions.response_time = response_time();
  }
  if (measure.request_id_on_response && !texts.request_id.empty() && head.find(http_.shape().request_id) == nullptr) {
    additions.request_id_name = measure.request_id_header;
    additions.request_id = texts.request_id;
  }
  if (measure.server_timing == stats::ServerTimingUse::emit) additions.server_timing = own_timing(now);
  additions.without_transfer_encoding = !knows_chunks;
  if (head.status == 426 && head.find(http::FieldId::upgrade) != nullptr && !client_closes_) {
    additions.connection = ConnectionWord::upgrade;
  } else if (client_closes_) {
    additions.connection = ConnectionWord::close;
  } else if (minor_version == 0) {
    additions.connection = ConnectionWord::keep_alive;
  }
  HeadBuffer& out = http_.scratch();
  write_response_head(out, head, additions);
  relay_response(out.view(), body, now);
}

void Exchange::relay_response(std::string_view head, std::span<char> data, TimePoint now) {
  const BodyReader::Step step = response_body_.feed(data);
  if (step.problem != nullptr) {
    fail(Fault::upstream_invalid, step.problem, now);
    return;
  }
  bytes_out += step.octets;
  // Bytes after a complete answer poison the connection: they must never be taken for the next one.
  if (step.is_done && step.consumed < data.size()) upstream_persists_ = false;
  const iovec parts[] = {part(head), part(step.forward), part(step.tail)};
  const net::Write outcome = client().write(parts);
  if (outcome == net::Write::failed) {
    on_client_failed(now);
    return;
  }
  const TimePoint written = Clock::now();
  if (at.first_byte_given == TimePoint()) at.first_byte_given = written;
  if (response_body_.is_done()) {
    if (!response_body_.trailers().empty()) note_said_in_trailers(response_body_.trailers());
    end_response(outcome == net::Write::queued, now, written);
    return;
  }
  if (download_ == Download::awaited) move(Download::relaying);
  if (outcome == net::Write::queued) connection_->stream().stop_reading();
  settle(now);
}

/// All of the response has been read and written; `is_queued`: not all of it is in the client's socket.
void Exchange::end_response(bool is_queued, TimePoint received, TimePoint now) {
  at.response_last = received;
  if (is_request_done() && upload_ != Upload::flushing) release_connection(received);
  if (is_queued) {
    move(Download::draining);
    settle(received);
    return;
  }
  response_given(now);
}

void Exchange::response_given(TimePoint now) {
  // Whether a client that has ended its direction waits or is gone shows when it is given the response: it takes it, or
  // resets the connection, on this machine at once. From further away the reset comes too late for the record.
  if (fault == Fault::none && session_->has_client_ended() && client().is_broken()) fault = Fault::client_aborted;
  record(now);
  settle(now);
}

void Exchange::on_client_drained(TimePoint now) {
  switch (download_) {
    case Download::cutting:
      cut(now);
      return;
    case Download::tunnel:
      if (!includes(tunnel_ends_, TunnelEnds::app)) connection_->stream().start_reading();
      end_tunnel_if_through(now);
      return;
    case Download::draining:
      response_given(now);
      return;
    case Download::relaying:
      connection_->stream().start_reading();
      settle(now);
      return;
    case Download::awaited:  // an interim response
    case Download::given:
      return;
  }
}

void Exchange::on_drained(net::Stream&) {
  const TimePoint now = Clock::now();
  if (is_tunnel()) {
    if (!includes(tunnel_ends_, TunnelEnds::client)) client().start_reading();
    end_tunnel_if_through(now);
    return;
  }
  if (upload_ == Upload::flushing) {
    move(Upload::sent);
    if (download_ != Download::given) at.request_sent = now;
    if (download_ == Download::draining) release_connection(now);
  } else if (upload_ == Upload::streaming) {
    client().start_reading();
    end_hold(now);
  }
  settle(now);
}

void Exchange::on_end(net::Stream&) {
  const TimePoint now = Clock::now();
  if (is_tunnel()) {
    tunnel_side_ended(TunnelEnds::app, now);
    return;
  }
  if (download_ == Download::relaying && response_body_.ends_with_connection()) {
    response_body_.end_with_connection();
    upstream_persists_ = false;
    end_response(client().queued() > 0, now, now);
    return;
  }
  upstream_gone(Fault::upstream_closed, "the app closed the connection before its response was complete", now);
}

void Exchange::on_failed(net::Stream& stream, int) {
  const TimePoint now = Clock::now();
  if (is_tunnel()) {
    tunnel_side_takes_no_more(TunnelEnds::app, now);
    return;
  }
  // What could not be written says nothing of what the app had sent before: reading tells how that ends.
  const bool is_relaying = download_ == Download::awaited || download_ == Download::relaying;
  if (is_relaying && upload_ != Upload::sent && !stream.is_tls() && stream.has_bytes()) {
    can_send_again_ = false;
    discard_request();
    if (client().queued() == 0) stream.start_reading();
    settle(now);
    return;
  }
  const std::string detail =
      fmt::format("the connection to the app broke before its response was complete: {}", stream.failure_text());
  upstream_gone(Fault::upstream_closed, detail, now);
}

void Exchange::upstream_gone(Fault failure, std::string_view detail, TimePoint now) {
  switch (download_) {
    case Download::awaited:
      if (try_again(lost_connection(), now)) return;
      fail(failure, detail, now);
      return;
    case Download::relaying:
      fail(Fault::upstream_truncated, detail, now);
      return;
    default:
      // Only the rest of the request was still wanted.
      upstream_persists_ = false;
      leave_app();
      discard_request();
      settle(now);
  }
}

}  // namespace weir::proto::http1
