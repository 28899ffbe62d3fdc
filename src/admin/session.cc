#include "session.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include <weir/base/fault.h>

namespace weir::admin {

namespace {

/// What a client may send ahead while its request is being answered.
constexpr std::size_t kMaxAhead = 64 * 1024;
/// What is still read, and thrown away, of a request that was refused.
constexpr std::size_t kMaxDiscarded = 4 * 1024 * 1024;

/// RFC 9110 section 5.6.7.
std::string http_date() {
  const std::time_t now = WallClock::to_time_t(WallClock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

std::string too_large(std::size_t limit) {
  return fmt::format("the request body is larger than the {} bytes that are taken (send less)", limit);
}

bool says_how_to_keep(const Answer& answer) {
  return std::ranges::any_of(answer.fields, [](const auto& field) { return field.first == "Cache-Control"; });
}

}  // namespace

Session::Session(const Parts& parts, net::Accepted accepted, std::uint64_t id)
    : deadlines_(parts.deadlines),
      fields_(parts.fields),
      limits_(parts.limits),
      host_(parts.host),
      id_(id),
      stream_(parts.loop, *this, std::move(accepted)),
      tls_(parts.tls),
      parser_(parts.fields.table, head_limits()) {}

void Session::start() {
  client_ = stream_.peer_host();
  wait_for(Wait::request);
  stream_.start_reading();
}

void Session::close() {
  if (!stream_.is_open()) return;
  wait_for(Wait::nothing);
  stream_.close();
  if (live_ != nullptr) live_->on_closed();
  host_.remove(*this);
}

/// A live answer ends with the credential that opened it. Zero: that goes on.
Nanos Session::time_left() const { return caller_.time_left({Clock::now(), WallClock::now()}).value_or(Nanos::zero()); }

void Session::wait_for(Wait wait) {
  if (wait == wait_) return;
  wait_ = wait;
  waits_since_ = Clock::now();
  const auto delay = [&]() -> Nanos {
    switch (wait) {
      case Wait::request: return limits_.idle;
      case Wait::head: return limits_.head;
      case Wait::body: return limits_.body;
      case Wait::writing: return limits_.write;
      case Wait::stalled: return limits_.stalled;
      case Wait::goodbye: return limits_.linger;
      case Wait::live: return time_left();
      case Wait::nothing:
      case Wait::handler: return Nanos::zero();
    }
    return Nanos::zero();
  };
  deadlines_.arm(*this, waits_since_, delay());
}

void Session::on_deadline() {
  if (stream_.is_handshaking()) return close();
  switch (wait_) {
    case Wait::head: return fail(408, "the request head did not arrive in time (send it in one go)");
    case Wait::body: return fail(408, "the request body did not arrive in time (send it in one go)");
    case Wait::live: return end_live();
    default: return close();
  }
}

void Session::on_data(net::Stream&, std::span<char> data) {
  if (wait_ == Wait::goodbye) {
    at_ += data.size();
    if (at_ > kMaxDiscarded) close();
    return;
  }
  if (is_live()) return;  // nothing that comes now is answered
  if (tls_ != nullptr) {
    begin_tls(data);
    return;
  }
  in_.append(data.data(), data.size());
  if ((wait_ == Wait::handler || wait_ == Wait::writing) && unread().size() > kMaxAhead) stream_.stop_reading();
  process();
}

/// Whoever comes without TLS is told so in plain HTTP, which is what it understands.
void Session::begin_tls(std::span<char> data) {
  const net::TlsServerContextPtr tls = std::exchange(tls_, nullptr);
  constexpr char kHandshakeRecord = 0x16;
  if (data.front() != kHandshakeRecord) {
    fail(400, "the admin API speaks TLS here (use https://)");
    return;
  }
  // The handshake is within the time of the first head.
  wait_for(Wait::head);
  stream_.start_tls_server(tls, data);
}

void Session::on_end(net::Stream&) {
  peer_has_ended_ = true;
  // A client that has shut down its side still gets the answers to what it sent.
  if (wait_ == Wait::handler || wait_ == Wait::writing) return;
  close();
}

void Session::on_failed(net::Stream&, int) { close(); }

void Session::on_drained(net::Stream&) {
  if (wait_ == Wait::writing) return after_answer();
  if (wait_ != Wait::stalled) return;
  wait_for(Wait::live);
  live_->on_drained();
}

/// Reads requests until one has to be waited for. Answers that come at once are written from within, so this is a loop
/// and no recursion, however much was pipelined.
void Session::process() {
  if (std::exchange(is_processing_, true)) return;
  bool goes_on = true;
  while (goes_on && stream_.is_open()) {
    switch (wait_) {
      case Wait::request:
      case Wait::head: goes_on = read_head(); break;
      case Wait::body: goes_on = read_body(); break;
      default: goes_on = false;
    }
  }
  is_processing_ = false;
  if (!stream_.is_open() || wait_ == Wait::goodbye) return;
  in_.erase(0, std::exchange(at_, 0));
  const bool needs_more = wait_ == Wait::request || wait_ == Wait::head || wait_ == Wait::body;
  if (!needs_more) return;
  if (peer_has_ended_) {
    close();
  } else {
    stream_.start_reading();
  }
}

bool Session::read_head() {
  // RFC 9112 section 2.2: an empty line before the request line is forgiven.
  if (unread().starts_with("\r\n")) at_ += 2;
  if (unread().empty()) {
    wait_for(Wait::request);
    return false;
  }
  wait_for(Wait::head);
  if (!partial_head_.is_worth_parsing(unread(), limits_.head_bytes)) return false;
  switch (parser_.parse_request(unread())) {
    case http::Parse::incomplete:
      partial_head_.note_incomplete(unread());
      return false;
    case http::Parse::refused:
      fail(status_of(parser_.fault()), in_own_words(parser_.reason()));
      return false;
    case http::Parse::complete: break;
  }
  partial_head_.reset();
  const http::RequestHead& head = parser_.request();
  take_request(head);
  at_ += head.raw.size();
  const bool has_body = framing_.kind != http::Framing::Kind::none;
  if (const auto refusal = host_.refuse(request_)) {
    refuse(*refusal, has_body);
  } else if (has_body) {
    begin_body(head.expects_continue);
  } else {
    handle();
  }
  return true;
}

void Session::take_request(const http::RequestHead& head) {
  is_head_only_ = head.tag == Method::head;
  is_http10_ = head.minor_version == 0;
  closes_ = !head.persists || is_http10_;
  request_ = read_request(head, fields_, client_);
  framing_ = head.framing;
}

void Session::begin_body(bool expects_continue) {
  body_limit_ = host_.body_limit(request_);
  if (framing_.kind == http::Framing::Kind::length && framing_.length > body_limit_) {
    fail(413, too_large(body_limit_));
    return;
  }
  if (framing_.kind == http::Framing::Kind::chunked) {
    chunks_.start(http::ChunkedReader::Output::bare, head_limits());
  }
  wait_for(Wait::body);
  if (expects_continue && unread().empty() &&
      stream_.write("HTTP/1.1 100 Continue\r\n\r\n") == net::Write::failed) {
    close();
  }
}

bool Session::read_body() {
  if (framing_.kind == http::Framing::Kind::chunked) return read_chunks();
  const std::string_view part = unread().substr(0, framing_.length);
  request_.body += part;
  at_ += part.size();
  framing_.length -= part.size();
  if (framing_.length != 0) return false;
  handle();
  return true;
}

bool Session::read_chunks() {
  const http::ChunkedReader::Step step = chunks_.feed({in_.data() + at_, in_.size() - at_});
  if (step.problem != nullptr) {
    fail(400, in_own_words(step.problem));
    return false;
  }
  request_.body += step.forward;
  at_ += step.consumed;
  if (request_.body.size() > body_limit_) {
    fail(413, too_large(body_limit_));
    return false;
  }
  if (!step.is_done) return false;
  handle();
  return true;
}

void Session::handle() {
  wait_for(Wait::handler);
  caller_ = request_.caller;
  host_.handle(*this, std::move(request_));
}

void Session::refuse(const Answer& refusal, bool is_body_left) {
  closes_ = closes_ || is_body_left;
  wait_for(Wait::handler);
  answer(refusal);
}

/// The limits of the configuration are for the proxy's clients: here the value alone says what to do.
std::string Session::in_own_words(std::string_view reason) const {
  const auto limit = http::limit_in(reason, head_limits());
  if (!limit) return std::string(reason);
  return fmt::format("{}{}", reason.substr(0, reason.size() - limit->key.size()), limit->value);
}

/// What follows on this connection can no longer be understood.
void Session::fail(int status, std::string_view detail) {
  is_head_only_ = false;
  refuse(problem_answer(status == 0 ? 400 : status, detail), true);
}

std::string Session::head_of(const Answer& answer) const {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", answer.status, reason_phrase(answer.status),
                                 http_date());
  if (!answer.content_type.empty()) head += fmt::format("Content-Type: {}\r\n", answer.content_type);
  if (answer.live != nullptr) {
    head += is_http10_ ? "" : "Transfer-Encoding: chunked\r\n";
  } else if (answer.status != 204 && answer.status != 304) {
    head += fmt::format("Content-Length: {}\r\n", answer.body.size());
  }
  head += "X-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\n";
  if (!says_how_to_keep(answer)) head += "Cache-Control: no-store\r\n";
  for (const auto& [name, value] : answer.fields) head += fmt::format("{}: {}\r\n", name, value);
  if (closes_) head += "Connection: close\r\n";
  return head += "\r\n";
}

void Session::answer(const Answer& answer) {
  if (wait_ != Wait::handler) return;
  if (answer.live != nullptr && !is_head_only_) return begin_live(answer);
  const std::string head = head_of(answer);
  const std::string_view body = is_head_only_ ? std::string_view() : std::string_view(answer.body);
  const std::array<iovec, 2> parts = {iovec{const_cast<char*>(head.data()), head.size()},
                                      iovec{const_cast<char*>(body.data()), body.size()}};
  switch (stream_.write(parts)) {
    case net::Write::done: after_answer(); break;
    case net::Write::queued: wait_for(Wait::writing); break;
    case net::Write::failed: close(); break;
  }
}

void Session::after_answer() {
  if (closes_) {
    say_goodbye();
    return;
  }
  wait_for(Wait::request);
  process();
}

/// Closing while the client still sends would reset the connection, and the answer with it (RFC 9112 section 9.6).
void Session::say_goodbye() {
  if (peer_has_ended_) {
    close();
    return;
  }
  wait_for(Wait::goodbye);
  in_ = {};
  at_ = 0;
  stream_.shutdown();
  stream_.start_reading();
}

}  // namespace weir::admin
