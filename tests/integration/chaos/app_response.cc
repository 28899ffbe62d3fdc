#include "app.h"

#include <algorithm>
#include <limits>

namespace weir::chaos {
namespace {

constexpr std::size_t kAll = 1 << 20;
constexpr std::uint64_t kAtEnd = std::numeric_limits<std::uint64_t>::max();

}  // namespace

void AppConnection::plan_response() {
  Dice& dice = model_.dice;
  const Habits& habits = server_.habits();
  has_begun_ = false;
  was_cut_short_ = false;
  starved_ = 0;
  strays_ = 0;
  is_stream_ = false;
  is_silent_ = dice.percent(habits.silent);
  begins_after_ = kAtEnd;
  stops_reading_ = false;
  if (dice.percent(habits.early)) {
    begins_after_ = dice.pick<std::uint64_t>({0, 0, 1000, 70'000, 200'000});
    stops_reading_ = dice.percent(habits.stops_reading);
  }
  in_pieces_ = dice.percent(habits.pieces);
  then_ = Then::keep;
  if (dice.percent(habits.closes)) then_ = dice.pick({Then::close, Then::close, Then::reset, Then::half_close});
}

void AppConnection::begin_response() {
  Dice& dice = model_.dice;
  const Habits& habits = server_.habits();
  const Request& request = *model_.request(request_);
  if (!model_.is_calm && dice.percent(habits.deaf)) {
    end_suddenly();
    return;
  }
  has_begun_ = true;
  state_ = State::responding;
  if (stops_reading_) reads_ = false;
  if (request.wants_upgrade && !model_.is_calm && dice.percent(60)) {
    begin_upgrade();
    return;
  }
  Response& response = model_.new_response();
  response.request = request_;
  response_ = response.id;
  response.status = static_cast<int>(dice.pick<unsigned>({200, 200, 200, 201, 404, 500, 413, 204, 304}));
  if (model_.is_calm) response.status = 200;
  is_persistent_ = true;
  std::size_t size = dice.pick<std::size_t>({0, 1, 60, 3000, 30'000});
  // Of any size, so that its end falls anywhere in the buffers.
  if (dice.percent(habits.large)) size = habits.largest_body / 8 + dice.below(habits.largest_body);
  if (!model_.is_calm) {
    while (dice.percent(habits.interim)) {
      out_ += fmt::format("HTTP/1.1 {} Wait\r\nX-Request: q{}\r\n\r\n", dice.pick({100, 102, 103}), request_);
      in_pieces_ = true;
    }
  }
  const bool offers = Expectations::negotiate_binds && !model_.is_calm && dice.percent(4);
  if (offers) {
    response.status = 401;
    bound_to_ = request.client;
  }
  const bool is_bodiless = request.method == "HEAD" || response.status == 204 || response.status == 304;
  std::string head =
      fmt::format("HTTP/1.1 {} Said\r\nX-Request: q{}\r\nX-Response: r{}\r\n", response.status, request_, response_);
  if (offers) head += "WWW-Authenticate: Negotiate\r\n";
  const bool misbehaves = !model_.is_calm;
  const bool is_wrong = misbehaves && dice.percent(habits.wrong);
  const bool is_until_close = misbehaves && !is_bodiless && dice.percent(habits.until_close);
  is_stream_ = misbehaves && !is_bodiless && !is_until_close && dice.percent(habits.streams);
  const bool is_chunked = !is_until_close && (is_stream_ || dice.percent(40));
  if (is_until_close && then_ == Then::keep) then_ = Then::close;
  const bool says_close = (then_ != Then::keep && dice.percent(50)) || is_until_close;
  if (says_close) head += "Connection: close\r\n";
  if (says_close) is_persistent_ = false;
  if (is_stream_) head += "Content-Type: text/event-stream\r\n";
  const std::size_t before = out_.size();
  response.body = is_bodiless ? 0 : size;
  response.needs_end = is_until_close;
  response.hides_its_cut = is_until_close && (server_.is_unix() || !Expectations::resets_are_no_ends);
  if (is_bodiless) {
    if (request.method == "HEAD" && dice.one_in(2)) head += "Content-Length: 55\r\n";
    out_ += head + "\r\n";
  } else if (is_until_close) {
    out_ += head + "\r\n";
    append_pattern(out_, response_, Role::response, 0, size);
  } else if (is_chunked) {
    out_ += head + "Transfer-Encoding: chunked\r\n\r\n";
    response.body = 0;
    add_body(response, size);
    if (!is_stream_) out_ += "0\r\n\r\n";
  } else {
    out_ += head + fmt::format("Content-Length: {}\r\n\r\n", size);
    append_pattern(out_, response_, Role::response, 0, size);
  }
  const bool is_sized = !is_bodiless && !is_until_close && !is_chunked;
  response.is_finished = !is_stream_;
  if (is_wrong) {
    response.is_broken = true;
    then_ = dice.pick({Then::keep, Then::close, Then::reset});
    const std::string wrong = dice.pick<const char*>(
        {"no status line\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
         "Transfer-Encoding: chunked\r\n\r\n",
         "HTTP/2 200\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"});
    if (is_chunked && !is_bodiless && dice.one_in(2)) {
      if (out_.ends_with("0\r\n\r\n")) out_.resize(out_.size() - 5);
      out_ += "no size\r\n";
    } else {
      out_.resize(before);
      out_ += wrong;
    }
    is_stream_ = false;
    is_persistent_ = false;
  } else if (misbehaves && dice.percent(habits.cut)) {
    const std::size_t whole = out_.size() - before;
    out_.resize(before + dice.below(whole));
    response.is_broken = true;
    is_stream_ = false;
    is_persistent_ = false;
    // A response that ends with its connection is not whole where that breaks.
    then_ = is_until_close ? Then::reset : dice.pick({Then::close, Then::reset});
  } else if (Expectations::stray_bytes_are_harmless && misbehaves && !is_stream_ && then_ == Then::keep &&
             dice.percent(habits.strays)) {
    if (is_sized && dice.one_in(2)) fill_a_read(before);
    const std::string strays = dice.pick<const char*>({"\r\n", "x", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"});
    strays_ = strays.size();
    out_ += strays;
    is_persistent_ = false;
  }
  model_.note(name_, request_, "begins r{}: {}{}{}{}{}, {} bytes, then {}", response_, response.status,
              is_bodiless      ? ""
              : is_stream_     ? " stream"
              : is_until_close ? " until close"
              : is_chunked     ? " chunked"
                               : "",
              is_wrong             ? ", wrong"
              : response.is_broken ? ", cut"
                                   : "",
              is_request_done_ ? "" : ", early", reads_ ? "" : ", reads no more", out_.size(),
              then_ == Then::keep         ? "keeps"
              : then_ == Then::close      ? "closes"
              : then_ == Then::half_close ? "half-closes"
                                          : "resets");
  if (out_.empty()) {
    written();
  } else if (!in_pieces_) {
    write(kAll);
  }
}

/// Makes the response end where a read of weir's ends, so that what follows is still in the socket when it is complete.
void AppConnection::fill_a_read(std::size_t before) {
  constexpr std::size_t kRead = net::Loop::kReadBufferBytes;
  Response& response = *model_.response(response_);
  const std::size_t body_at = out_.find("\r\n\r\n", before) + 4;
  const std::string mark = "Content-Length: ";
  const std::size_t length_at = out_.find(mark, before) + mark.size();
  std::string head = out_.substr(before, length_at - before) + "00000" + out_.substr(out_.find("\r\n", length_at));
  head.resize(head.find("\r\n\r\n") + 4);
  if (body_at == std::string::npos || before != 0 || head.size() + 10'000 > kRead) return;
  const std::size_t size = kRead - head.size();
  head.replace(head.find(mark) + mark.size(), 5, fmt::format("{:05}", size));
  response.body = size;
  out_ = head;
  append_pattern(out_, response_, Role::response, 0, size);
}

void AppConnection::begin_upgrade() {
  Dice& dice = model_.dice;
  Response& response = model_.new_response();
  response.request = request_;
  response.status = 101;
  response.is_finished = true;
  response_ = response.id;
  is_persistent_ = false;
  out_ += fmt::format(
      "HTTP/1.1 101 Said\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Request: q{}\r\n"
      "X-Response: r{}\r\n\r\n",
      request_, response_);
  tunnel_written_ = dice.pick<std::size_t>({0, 50, 40'000});
  append_pattern(out_, request_, Role::tunnel_to_client, 0, tunnel_written_);
  state_ = State::tunnel;
  then_ = dice.pick({Then::keep, Then::close, Then::reset, Then::half_close});
  model_.note(name_, request_, "switches protocols");
}

/// As one chunk or several.
void AppConnection::add_body(Response& response, std::size_t size) {
  const std::size_t usual = std::max<std::size_t>(model_.dice.pick<std::size_t>({20, 4000, 60'000}), size / 100);
  while (size > 0) {
    const std::size_t chunk = std::min(size, usual);
    out_ += fmt::format("{:x}\r\n", chunk);
    append_pattern(out_, response.id, Role::response, response.body, chunk);
    out_ += "\r\n";
    response.body += chunk;
    size -= chunk;
  }
}

void AppConnection::continue_stream() {
  Response& response = *model_.response(response_);
  if (!model_.is_calm && !model_.dice.one_in(6)) {
    if (out_.size() < 200'000) add_body(response, model_.dice.pick<std::size_t>({10, 10, 2000, 60'000}));
    return;
  }
  out_ += "0\r\n\r\n";
  response.is_finished = true;
  is_stream_ = false;
  model_.note(name_, request_, "ends its stream");
}

/// A response to nothing, as servers send it to connections that they think idle for too long.
void AppConnection::add_unasked() {
  out_ += fmt::format("HTTP/1.1 408 Late\r\n{}Content-Length: 0\r\n\r\n",
                      model_.dice.one_in(2) ? "Connection: close\r\n" : "");
  model_.note(name_, 0, "sends a 408 that nobody asked for");
}

}  // namespace weir::chaos
