// HOT PATH: no allocation once warm, no lock, no system call but the socket's own, no log above debug.
#include <utility>

#include <fmt/format.h>

#include <weir/base/bytes.h>

#include "exchange.h"
#include "part.h"

namespace weir::proto::http1 {
namespace {

/// An upstream that sends more interim answers than this before the final one means harm.
constexpr std::uint32_t kMaxInterimAnswers = 32;

bool is_event_stream(const http::ResponseHead& head) {
  constexpr std::string_view kType = "text/event-stream";
  const http::Field* field = head.find(http::FieldId::content_type);
  return field != nullptr && equals_ignoring_case(field->value().substr(0, kType.size()), kType);
}

}  // namespace

void Exchange::on_data(net::Stream&, std::span<char> data) {
  if (is_tunnel_) {
    tunnel_from_upstream(data);
    return;
  }
  const TimePoint now = Clock::now();
  if (is_response_done_) {
    // More than the answer came while the request is still on its way: whoever took it for an answer would be fooled.
    upstream_persists_ = false;
    return;
  }
  if (at.response_first == TimePoint()) at.response_first = now;
  if (has_response_begun_) {
    relay_response({}, data, now);
  } else if (partial_head_.empty()) {
    read_response_heads(data, now);
  } else {
    partial_head_.append(data.data(), data.size());
    std::string buffer = std::exchange(partial_head_, {});
    read_response_heads(buffer, now);
  }
}

void Exchange::read_response_heads(std::span<char> data, TimePoint now) {
  http::HeadParser& parser = http_.parser();
  while (true) {
    const http::Parse outcome = parser.parse_response({data.data(), data.size()}, method);
    if (outcome == http::Parse::incomplete) {
      partial_head_.assign(data.data(), data.size());
      return;
    }
    if (outcome == http::Parse::refused) {
      fail(Fault::upstream_invalid, parser.reason(), now);
      return;
    }
    const http::ResponseHead& head = parser.response();
    data = data.subspan(head.raw.size());
    if (head.status == 101) {
      begin_tunnel(head, data, now);
      return;
    }
    if (head.status >= 200) {
      begin_response(head, data, now);
      return;
    }
    if (!forward_interim(head, now)) return;
    // An interim answer is not the answer: that one's first byte is still to come.
    at.response_first = data.empty() ? TimePoint() : now;
    if (data.empty()) return;
  }
}

/// 100, 102, 103 and their like go on at once (RFC 9110 section 15.2), but never to HTTP/1.0, which knows none.
/// False: the exchange is over.
bool Exchange::forward_interim(const http::ResponseHead& head, TimePoint now) {
  if (++interim_answers_ > kMaxInterimAnswers) {
    fail(Fault::upstream_invalid, "too many interim answers came before the final one", now);
    return false;
  }
  if (client_minor_version_ == 0) return true;
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
  upstream_persists_ = head.persists && is_sendable_;
  const bool knows_chunks = client_minor_version_ >= 1;
  response_body_.start(head.framing,
                       knows_chunks ? http::ChunkedReader::Output::chunks : http::ChunkedReader::Output::bare,
                       http_.shape().limits);
  const bool ends_by_closing = head.framing.kind == http::Framing::Kind::until_close ||
                               (head.framing.kind == http::Framing::Kind::chunked && !knows_chunks);
  if (ends_by_closing || (!is_request_done() && !upstream_persists_) || http_.worker().is_draining()) {
    client_closes_ = true;
  }
  if (is_event_stream(head)) {
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
  } else if (client_minor_version_ == 0) {
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
  if (!has_response_begun_) {
    has_response_begun_ = true;
    at.first_byte_given = written;
  }
  if (response_body_.is_done()) {
    if (!response_body_.trailers().empty()) note_said_in_trailers(response_body_.trailers());
    end_response(outcome == net::Write::queued, now, written);
    return;
  }
  if (outcome == net::Write::queued) {
    connection_->stream().stop_reading();
    wait_for_client(now);
  } else if ((traits & stats::kStream) != 0) {
    // An event stream may be silent for as long as the app likes; keep-alive probes find dead peers.
    session_->wait_for_nothing();
  } else {
    session_->wait_for(Waiting::response_body, now, pool_->options().timeouts.idle);
  }
}

/// All of the answer has been read and written; `is_queued`: not all of it is in the client's socket.
void Exchange::end_response(bool is_queued, TimePoint received, TimePoint now) {
  at.response_last = received;
  is_response_done_ = true;
  if (is_request_done()) release_connection(received);
  if (is_queued) {
    wait_for_client(received);
    return;
  }
  response_given(now);
}

void Exchange::response_given(TimePoint now) {
  // Whether a client that has ended its direction waits or is gone shows when it is given the answer: it takes it, or
  // resets the connection, on this machine at once. From further away the reset comes too late for the record.
  if (fault == Fault::none && session_->has_client_ended() && client().is_broken()) fault = Fault::client_aborted;
  record(now);
  if (is_request_done()) {
    release_connection(now);
    over(client_closes_ ? Afterwards::close : Afterwards::keep, now);
    return;
  }
  if (client_closes_ || connection_ == nullptr || !is_sendable_) {
    drop_connection();
    over(Afterwards::linger, now);
    return;
  }
  // The app answered early and goes on reading: so does weir.
  session_->wait_for(Waiting::body, now, http_.plan().timeouts.request_body);
}

void Exchange::on_client_drained(TimePoint now) {
  if (cut_after_drain_ != Fault::none) {
    cut(cut_after_drain_, now);
    return;
  }
  if (is_tunnel_) {
    if (!upstream_side_ended_) connection_->stream().start_reading();
    end_tunnel_if_through(now);
    return;
  }
  if (is_response_done_) {
    if (!is_recorded_) response_given(now);
    return;
  }
  if (connection_ == nullptr || !has_response_begun_) return;
  connection_->stream().start_reading();
  session_->wait_for(Waiting::response_body, now, pool_->options().timeouts.idle);
}

void Exchange::on_drained(net::Stream&) {
  const TimePoint now = Clock::now();
  if (is_tunnel_) {
    if (!client_side_ended_) client().start_reading();
    end_tunnel_if_through(now);
    return;
  }
  if (is_request_done()) {
    at.request_sent = now;
  } else if (!session_->has_client_ended()) {
    client().start_reading();
  }
  wait_for_more(now);
}

void Exchange::on_end(net::Stream&) {
  const TimePoint now = Clock::now();
  if (is_tunnel_) {
    tunnel_side_ended(false, now);
    return;
  }
  if (has_response_begun_ && !is_response_done_ && response_body_.ends_with_connection()) {
    response_body_.end_with_connection();
    upstream_persists_ = false;
    end_response(client().queued() > 0, now, now);
    return;
  }
  upstream_gone(Fault::upstream_closed, "the app closed the connection before its answer was complete", now);
}

void Exchange::on_failed(net::Stream& stream, int) {
  const TimePoint now = Clock::now();
  if (is_tunnel_) {
    end_tunnel(Fault::upstream_truncated, now);
    return;
  }
  const std::string detail =
      fmt::format("the connection to the app broke before its answer was complete: {}", stream.failure_text());
  upstream_gone(Fault::upstream_closed, detail, now);
}

void Exchange::upstream_gone(Fault failure, std::string_view detail, TimePoint now) {
  if (is_response_done_) {
    // Only the rest of the request was still wanted.
    discards_request_ = true;
    is_sendable_ = false;
    upstream_persists_ = false;
    drop_connection();
    if (is_recorded_) over(Afterwards::linger, now);
    return;
  }
  if (has_response_begun_) {
    fail(Fault::upstream_truncated, detail, now);
    return;
  }
  if (try_again(false, now)) return;
  fail(failure, detail, now);
}

}  // namespace weir::proto::http1
