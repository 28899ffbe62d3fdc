#include "app.h"

#include <algorithm>
#include <limits>

namespace weir::chaos {
namespace {

constexpr std::size_t kAll = 1 << 20;
constexpr std::uint64_t kAtEnd = std::numeric_limits<std::uint64_t>::max();

}  // namespace

AppConnection::AppConnection(Model& model, Server& server, std::uint32_t number, Socket socket)
    : model_(model), server_(server), name_(fmt::format("{}.{}", server.name(), number)), socket_(std::move(socket)) {
  model_.note(name_, 0, "accepts");
}

void AppConnection::violated(const std::string& text) { model_.violated(name_, request_, text); }

void AppConnection::act() {
  if (is_over()) return;
  Dice& dice = model_.dice;
  if (model_.is_calm) {
    reads_ = true;
    is_silent_ = false;
    then_ = then_ == Then::reset ? Then::close : then_;
    begins_after_ = has_begun_ ? begins_after_ : kAtEnd;
    read(kAll);
    if (!is_over() && request_ != 0 && !has_begun_ && is_request_done_) begin_response();
    if (!is_over() && is_stream_) continue_stream();
    if (!is_over() && !out_.empty()) write(kAll);
    if (!is_over() && state_ == State::tunnel && out_.empty()) close(Then::close);
    return;
  }
  if (dice.below(1000) < server_.habits().sudden) {
    end_suddenly();
    return;
  }
  if (owes_end() && dice.percent(4)) {
    close(then_);
    return;
  }
  const bool may_begin =
      request_ != 0 && !has_begun_ && !is_silent_ && (is_request_done_ || request_body_.octets() >= begins_after_);
  if (may_begin && dice.percent(60)) begin_response();
  if (is_over()) return;
  if (is_stream_ && dice.percent(30)) continue_stream();
  if (state_ == State::head && served_ > 0 && out_.empty() && Expectations::stray_bytes_are_harmless &&
      dice.below(1000) < server_.habits().unasked) {
    add_unasked();
  }
  const bool may_write = !out_.empty();
  switch (dice.weighted({reads_ ? 50U : 1U, may_write ? 50U : 0U, 5U})) {
    case 0:
      read(dice.pick<std::size_t>({1, 100, 4000, 30'000, kAll}));
      break;
    case 1:
      write(in_pieces_ ? dice.pick<std::size_t>({1, 30, 500, 10'000, 60'000}) : kAll);
      break;
    default:
      break;
  }
}

void AppConnection::end_suddenly() {
  if (is_over()) return;
  if (Response* response = model_.response(response_); response != nullptr && !response->is_written) {
    response->is_broken = true;
  }
  close(model_.dice.one_in(2) ? Then::close : Then::reset);
}

void AppConnection::close(Then how) {
  Response* response = model_.response(response_);
  if (how == Then::half_close) {
    model_.note(name_, request_, "closes its direction");
    socket_.half_close();
    reads_ = true;
    is_half_closed_ = true;
    if (response != nullptr && out_.empty()) response->has_ended = true;
    return;
  }
  const bool is_reset = how == Then::reset || socket_.has_unread();
  model_.note(name_, request_, "{}", how == Then::reset ? "resets" : is_reset ? "closes with bytes unread" : "closes");
  if (response != nullptr && out_.empty() && !is_reset) response->has_ended = true;
  if (how == Then::reset) {
    socket_.reset();
  } else {
    socket_.close();
  }
}

void AppConnection::watch() {
  const Request* request = model_.request(request_);
  if (!Expectations::uploads_end || is_over() || request == nullptr || is_request_done_ || !request->is_sent ||
      request->has_client_left || request->is_refusable || state_ == State::tunnel) {
    starved_ = 0;
    return;
  }
  if (!socket_.is_established()) {
    const Response* response = model_.response(response_);
    const bool went_well = response != nullptr && response->is_written && is_persistent_ && then_ == Then::keep &&
                           !is_half_closed_ && request->keeps_connection;
    if (went_well && request->sent_in == model_.trace.step() && !model_.is_calm) was_cut_short_ = true;
    return;
  }
  starved_ = socket_.has_unread() ? 0 : starved_ + 1;
}

void AppConnection::check_starved() {
  watch();
  if (starved_ > 0) violated(fmt::format("the end of q{} does not come, though its client has sent it", request_));
}

void AppConnection::read(std::size_t limit) {
  const std::size_t before = in_.size();
  const Socket::Outcome outcome = socket_.receive(in_, limit);
  if (outcome == Socket::Outcome::nothing) return;
  if (in_.size() > before) model_.note(name_, request_, "reads {} bytes", in_.size() - before);
  parse();
  if (is_over()) return;
  if (outcome == Socket::Outcome::ended) weir_ended(true);
  if (outcome == Socket::Outcome::broken) weir_ended(false);
}

void AppConnection::weir_ended(bool is_clean) {
  model_.note(name_, request_, "finds that weir has {} the connection", is_clean ? "ended" : "reset");
  if (Response* response = model_.response(response_); response != nullptr && !response->is_written) {
    response->is_broken = true;
  }
  if (was_cut_short_ && is_clean && request_ != 0 && !is_request_done_) {
    violated(fmt::format("weir has ended the connection before the end of q{}, which it had", request_));
  }
  socket_.close();
}

void AppConnection::parse() {
  while (!is_over()) {
    if (state_ == State::tunnel) {
      const std::size_t wrong = first_difference(in_, request_, Role::tunnel_to_app, tunnel_read_);
      if (wrong != std::string::npos)
        violated(fmt::format("byte {} of a tunnel is not the client's", tunnel_read_ + wrong));
      tunnel_read_ += in_.size();
      in_.clear();
      return;
    }
    if (in_.empty()) return;
    if (request_ == 0) {
      const std::size_t before = in_.size();
      parse_head();
      if (in_.size() == before) return;
    } else if (!is_request_done_) {
      take_body();
    } else {
      violated(fmt::format("weir sends on before the response is over: \"{}\"", in_.substr(0, 60)));
    }
  }
}

void AppConnection::parse_head() {
  const std::size_t end = in_.find("\r\n\r\n");
  if (end == std::string::npos) return;
  const std::string head = in_.substr(0, end + 4);
  in_.erase(0, end + 4);
  const std::size_t space = head.find(' ');
  const std::string method = head.substr(0, std::min(space, head.size()));
  const std::uint32_t id =
      space == std::string::npos ? 0 : number_after(std::string_view(head).substr(space + 1), "/q");
  Request* request = model_.request(id);
  if (request == nullptr) violated(fmt::format("weir sends what is no request: \"{}\"", head.substr(0, 80)));
  if (!is_persistent_) violated(fmt::format("q{} comes on a connection that was to end with the last response", id));
  if (number_after(field_of(head, "X-Request-Id"), "q") != id)
    violated(fmt::format("q{} has another one's fields", id));
  if (request->method != method) violated(fmt::format("q{} has the method {}, not {}", id, method, request->method));
  if (!request->is_begun) violated(fmt::format("q{} was not sent", id));
  if (Expectations::negotiate_binds && bound_to_ != 0 && bound_to_ != request->client) {
    violated(fmt::format("q{} of client {} comes on the connection of client {}", id, request->client, bound_to_));
  }
  request_ = id;
  model_.note(name_, id, "gets the head");
  if (++request->heads_at_app > 1 && !request->is_idempotent) violated(fmt::format("q{} comes a second time", id));
  if (is_half_closed_) {
    // weir could not know yet that nothing more will come from here.
    close(Then::close);
    return;
  }
  const std::string length = field_of(head, "Content-Length");
  const bool is_chunked = !field_of(head, "Transfer-Encoding").empty();
  request_body_.begin(is_chunked        ? Body::Framing::chunked
                      : !length.empty() ? Body::Framing::length
                                        : Body::Framing::none,
                      length.empty() ? 0 : std::stoull(length), id, Role::request);
  is_request_done_ = false;
  state_ = State::body;
  response_ = 0;
  plan_response();
  if (request_body_.is_done()) end_of_request();
}

void AppConnection::take_body() {
  const std::size_t used = request_body_.feed(in_);
  if (!request_body_.problem().empty()) violated(request_body_.problem());
  in_.erase(0, used);
  const Request& request = *model_.request(request_);
  if (request_body_.octets() > request.body) violated(fmt::format("q{} has more body than was sent", request_));
  if (Expectations::body_size_holds && request_body_.octets() > request.body_limit) {
    violated(fmt::format("q{} has {} bytes of body, beyond limits.body_size", request_, request_body_.octets()));
  }
  if (request_body_.is_done()) end_of_request();
}

void AppConnection::end_of_request() {
  Request& request = *model_.request(request_);
  is_request_done_ = true;
  ++request.whole_at_app;
  model_.note(name_, request_, "has all of the request, {} octets", request_body_.octets());
  if (request.is_refusable) violated(fmt::format("q{} was to be refused", request_));
  if (!request.is_sent) violated(fmt::format("q{} looks complete, but its client has not sent all of it", request_));
  if (request_body_.octets() != request.body) {
    violated(fmt::format("q{} has {} octets of {}", request_, request_body_.octets(), request.body));
  }
  if (has_begun_ && !is_stream_ && out_.empty() && state_ != State::tunnel) end_of_exchange();
}

void AppConnection::write(std::size_t limit) {
  std::size_t taken = 0;
  // What does not belong to the response goes with its last byte: later it could meet a request that is on its way.
  if (strays_ > 0 && limit >= out_.size() - strays_) limit = out_.size();
  const Socket::Outcome outcome = socket_.send(std::string_view(out_).substr(0, std::min(limit, out_.size())), taken);
  if (outcome == Socket::Outcome::broken) {
    weir_ended(false);
    return;
  }
  if (taken == 0) return;
  out_.erase(0, taken);
  if (strays_ > 0 && out_.size() <= strays_) {
    // Where not all of it went along, the rest is left out.
    if (!out_.empty() && out_.size() == strays_) is_persistent_ = true;
    out_.clear();
    strays_ = 0;
  }
  model_.note(name_, request_, "writes {} bytes, {} are left", taken, out_.size());
  if (Response* response = model_.response(response_); response != nullptr && out_.size() <= strays_) {
    response->is_written = response->is_finished && !response->is_broken;
  }
  if (out_.empty()) written();
}

/// All that there is to say has been said, for the time being.
void AppConnection::written() {
  if (request_ == 0 || is_stream_) return;
  const Then then = std::exchange(then_, Then::keep);
  if (then != Then::keep) {
    // At once or some time later.
    if (then == Then::half_close || model_.dice.percent(30)) close(then);
    if (is_over()) return;
    if (then != Then::half_close) then_ = then;
  }
  if (is_request_done_ && state_ != State::tunnel) end_of_exchange();
}

void AppConnection::end_of_exchange() {
  if (then_ != Then::keep) {
    close(then_);
    if (is_over()) return;
  }
  ++served_;
  request_ = 0;
  state_ = State::head;
  reads_ = true;
  is_request_done_ = false;
}

}  // namespace weir::chaos
