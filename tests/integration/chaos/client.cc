#include "client.h"

#include <algorithm>

namespace weir::chaos {
namespace {

constexpr std::size_t kAll = 1 << 20;

}  // namespace

Client::Client(Model& model, std::uint32_t number, const net::Endpoint& to, const Temper& temper)
    : model_(model),
      number_(number),
      name_(fmt::format("client {}", number)),
      is_unix_(to.kind == net::Endpoint::Kind::unix_socket),
      temper_(temper),
      socket_(Socket::connect(to, temper.socket)) {
  model_.note(name_, 0, "connects to {}{}", to.to_string(), socket_.is_open() ? "" : ": refused");
}

void Client::violated(const std::string& text) { model_.violated(name_, awaited(), text); }

std::string Client::describe() const {
  return fmt::format("{}: awaits {} responses (first q{}), {} bytes to send, {} read and not understood, state {}",
                     name_, awaiting_.size(), awaited(), out_.size(), in_.size(), static_cast<int>(state_));
}

void Client::act() {
  if (is_over()) return;
  Dice& dice = model_.dice;
  if (model_.is_calm) {
    finish();
    return;
  }
  const bool may_ask = !asks_no_more_ && asked_ < temper_.most_requests && awaiting_.size() < temper_.pipeline;
  const bool may_send = !out_.empty() && !is_half_closed_;
  switch (dice.weighted(
      {may_send ? temper_.sends : 0, temper_.reads, may_ask ? temper_.asks : 0, temper_.leaves, temper_.waits})) {
    case 0:
      if (barrier_ != 0 && sent_ >= barrier_ && dice.one_in(4)) barrier_ = 0;
      send(dice.pick<std::size_t>({1, 40, 1000, 5000, 30'000, 70'000, kAll}));
      break;
    case 1:
      read(dice.pick<std::size_t>({1, 100, 3000, 60'000, kAll}));
      break;
    case 2:
      if (dice.percent(temper_.oddities)) {
        ask_oddly();
      } else {
        ask();
      }
      if (dice.percent(70)) send(dice.pick<std::size_t>({60, 1000, 20'000, kAll, kAll}));
      break;
    case 3:
      leave();
      break;
    default:
      break;
  }
}

void Client::push() {
  if (is_over()) return;
  if (out_.empty() || is_half_closed_) {
    act();
  } else {
    send(model_.dice.pick<std::size_t>({1, 100, 3000, 30'000}));
  }
}

/// Ends what is under way as a client should.
void Client::finish() {
  barrier_ = 0;
  if (state_ == State::tunnel && !is_half_closed_) {
    socket_.half_close();
    is_half_closed_ = true;
    out_.clear();
  }
  if (!out_.empty() && !is_half_closed_) send(kAll);
  if (!is_over()) read(kAll);
  if (is_over() || state_ == State::tunnel) return;
  if (awaiting_.empty() && (out_.empty() || is_last_) && state_ == State::head) {
    model_.note(name_, 0, "closes, having nothing to wait for");
    socket_.close();
  }
}

void Client::ask_plainly() {
  Request& request = model_.new_request();
  request.client = number_;
  request.method = "GET";
  request.is_idempotent = true;
  const std::uint64_t begin = sent_ + out_.size();
  out_ += fmt::format("GET /q{}/plain HTTP/1.1\r\nHost: chaos\r\nX-Request-Id: q{}\r\n\r\n", request.id, request.id);
  asks_no_more_ = true;
  commit(request, begin);
  send(kAll);
}

void Client::commit(Request& request, std::uint64_t begin) {
  ++asked_;
  request.body_limit = model_.body_limit;
  sending_.push_back({request.id, begin, sent_ + out_.size()});
  awaiting_.push_back(request.id);
  model_.note(name_, request.id, "asks {} with {}{} bytes of body{}{}", request.method, request.body,
              request.is_chunked ? " chunked" : "", request.wants_upgrade ? ", to upgrade" : "",
              request.is_refusable ? ", to be refused" : "");
}

void Client::ask() {
  Dice& dice = model_.dice;
  Request& request = model_.new_request();
  request.client = number_;
  const bool has_body = dice.percent(temper_.uploads);
  request.wants_upgrade = !has_body && dice.percent(5);
  if (has_body) {
    request.method = dice.pick<const char*>({"POST", "PUT", "POST", "PATCH"});
    request.body = dice.pick<std::size_t>({0, 0, 1, 200, 3000, 20'000, temper_.largest_body / 2, temper_.largest_body});
    request.is_chunked = dice.percent(40);
  } else {
    request.method = dice.pick<const char*>({"GET", "GET", "GET", "HEAD", "DELETE", "OPTIONS"});
    if (request.wants_upgrade) request.method = "GET";
  }
  request.is_idempotent = request.method != "POST" && request.method != "PATCH";
  const bool is_old = !request.is_chunked && !request.wants_upgrade && dice.percent(8);
  const std::uint64_t begin = sent_ + out_.size();
  out_ += fmt::format("{} /q{}/x HTTP/1.{}\r\nHost: chaos\r\nX-Request-Id: q{}\r\n", request.method, request.id,
                      is_old ? 0 : 1, request.id);
  if (is_old && dice.one_in(2)) out_ += "Connection: keep-alive\r\n";
  if (!is_old && dice.percent(7)) {
    out_ += "Connection: close\r\n";
    asks_no_more_ = true;
  }
  if (is_old) asks_no_more_ = true;
  if (request.wants_upgrade) {
    out_ += "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    asks_no_more_ = true;
  }
  const bool expects = has_body && !is_old && dice.percent(10);
  if (expects) out_ += "Expect: 100-continue\r\n";
  if (dice.percent(3)) append_pattern(out_ += "X-Long: ", request.id, Role::request, 0, 14), out_ += "\r\n";
  if (request.is_chunked) {
    out_ += "Transfer-Encoding: chunked\r\n\r\n";
  } else if (has_body) {
    out_ += fmt::format("Content-Length: {}\r\n\r\n", request.body);
  } else {
    out_ += "\r\n";
  }
  if (expects) barrier_ = sent_ + out_.size();
  if (has_body) add_body(request, request.body);
  request.keeps_connection = !asks_no_more_;
  commit(request, begin);
}

std::uint64_t Client::add_body(Request& request, std::size_t size) {
  Dice& dice = model_.dice;
  if (!request.is_chunked) {
    append_pattern(out_, request.id, Role::request, 0, size);
    return size;
  }
  const std::size_t usual = dice.pick<std::size_t>({7, 500, 8000, 100'000});
  for (std::size_t at = 0; at < size;) {
    const std::size_t chunk = std::min(size - at, std::max(usual, size / 200));
    out_ += fmt::format("{:x}{}\r\n", chunk, dice.one_in(30) ? ";a=b" : "");
    append_pattern(out_, request.id, Role::request, at, chunk);
    out_ += "\r\n";
    at += chunk;
  }
  out_ += dice.one_in(size == 0 ? 2 : 4) ? "0\r\nX-Sum: 1\r\n\r\n" : "0\r\n\r\n";
  return size;
}

/// What weir has to refuse, at the head or in the body. The connection is of no more use afterwards.
void Client::ask_oddly() {
  Dice& dice = model_.dice;
  Request& request = model_.new_request();
  request.client = number_;
  request.is_refusable = true;
  request.method = "PUT";
  request.is_idempotent = true;
  asks_no_more_ = true;
  const std::uint64_t begin = sent_ + out_.size();
  const std::string head =
      fmt::format("PUT /q{}/odd HTTP/1.1\r\nHost: chaos\r\nX-Request-Id: q{}\r\n", request.id, request.id);
  switch (dice.below(5)) {
    case 0:
      out_ += "this is no request\r\n\r\n";
      ++odd_;
      break;
    case 1:
      out_ += head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
      ++odd_;
      break;
    case 2:
      out_ += head + "X-Big: " + std::string(70'000, 'x') + "\r\n\r\n";
      ++odd_;
      break;
    default:
      // The head is right, and so is some of the body.
      request.is_chunked = true;
      request.body = dice.pick<std::size_t>({10, 3000, 30'000});
      out_ += head + fmt::format("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", request.body);
      append_pattern(out_, request.id, Role::request, 0, request.body);
      out_ += "\r\nno size\r\n";
  }
  commit(request, begin);
}

void Client::send(std::size_t limit) {
  std::size_t most = std::min(limit, out_.size());
  if (!model_.is_calm) most = std::min(most, temper_.largest_piece);
  if (barrier_ != 0) most = std::min<std::uint64_t>(most, barrier_ > sent_ ? barrier_ - sent_ : 0);
  if (most == 0) return;
  std::size_t taken = 0;
  const Socket::Outcome outcome = socket_.send(std::string_view(out_).substr(0, most), taken);
  if (outcome == Socket::Outcome::broken) {
    model_.note(name_, awaited(), "cannot send any more");
    out_.clear();
    // What came before is still to be read; the kernel tells of a reset once only.
    was_reset_ = true;
    asks_no_more_ = true;
    is_half_closed_ = true;
    return;
  }
  if (taken == 0) return;
  out_.erase(0, taken);
  sent_ += taken;
  note_sent();
  model_.note(name_, sending_.empty() ? awaited() : sending_.front().request, "sends {} bytes, {} are left", taken,
              out_.size());
}

void Client::note_sent() {
  for (Sending& part : sending_) {
    Request& request = *model_.request(part.request);
    if (sent_ > part.begin) request.is_begun = true;
    if (sent_ >= part.end && !request.is_sent) {
      request.is_sent = true;
      request.sent_in = model_.trace.step();
    }
  }
  while (!sending_.empty() && sent_ >= sending_.front().end) sending_.pop_front();
}

void Client::leave() {
  Dice& dice = model_.dice;
  const std::size_t how = dice.below(3);
  if (how == 0 && is_half_closed_) return;
  for (const std::uint32_t id : awaiting_) model_.request(id)->has_client_left = true;
  if (how != 0 && out_.empty() && awaiting_.size() == 1 && !is_half_closed_ && state_ == State::head) {
    model_.left_behind.push_back(awaiting_.front());
    model_.request(awaiting_.front())->left_in = model_.trace.step();
  }
  if (how == 0) {
    model_.note(name_, awaited(), "closes its direction");
    socket_.half_close();
    is_half_closed_ = true;
    asks_no_more_ = true;
    out_.clear();
  } else if (how == 1) {
    model_.note(name_, awaited(), "closes");
    socket_.close();
  } else {
    model_.note(name_, awaited(), "resets");
    socket_.reset();
  }
}

}  // namespace weir::chaos
