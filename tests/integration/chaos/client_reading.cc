#include "client.h"

#include <algorithm>

namespace weir::chaos {

void Client::read(std::size_t limit) {
  const std::size_t before = in_.size();
  const Socket::Outcome outcome = socket_.receive(in_, limit);
  if (outcome == Socket::Outcome::nothing) return;
  if (in_.size() > before) model_.note(name_, awaited(), "reads {} bytes", in_.size() - before);
  parse();
  if (outcome == Socket::Outcome::ended) connection_ended(!was_reset_);
  if (outcome == Socket::Outcome::broken) connection_ended(false);
}

void Client::parse() {
  while (!in_.empty()) {
    switch (state_) {
      case State::head:
        if (!parse_head()) return;
        break;
      case State::body: {
        const std::size_t used = body_.feed(in_);
        if (!body_.problem().empty()) violated(body_.problem());
        in_.erase(0, used);
        if (body_.is_done()) end_of_response();
        break;
      }
      case State::local_body: {
        const std::size_t used = std::min(local_left_, in_.size());
        local_body_ += in_.substr(0, used);
        in_.erase(0, used);
        local_left_ -= used;
        if (local_left_ == 0) end_of_local_reply();
        break;
      }
      case State::tunnel: {
        const std::size_t wrong = first_difference(in_, tunnel_request_, Role::tunnel_to_client, tunnel_sent_);
        if (wrong != std::string::npos)
          violated(fmt::format("byte {} of a tunnel is not the app's", tunnel_sent_ + wrong));
        tunnel_sent_ += in_.size();
        in_.clear();
        break;
      }
      case State::closing:
        if (spared_ > 0) {
          const std::size_t used = std::min(spared_, in_.size());
          in_.erase(0, used);
          spared_ -= used;
          break;
        }
        violated(fmt::format("bytes follow the connection's last response: \"{}\"", in_.substr(0, 80)));
    }
  }
}

bool Client::parse_head() {
  const std::size_t end = in_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (!std::string_view("HTTP/1.1 ").starts_with(std::string_view(in_).substr(0, 9)) &&
        !in_.starts_with("HTTP/1.1 ")) {
      violated(fmt::format("what comes is no response: \"{}\"", in_.substr(0, 80)));
    }
    return false;
  }
  const std::string head = in_.substr(0, end + 4);
  in_.erase(0, end + 4);
  const int status = static_cast<int>(number_after(head, "HTTP/1.1 "));
  if (status < 100 || status > 999) violated(fmt::format("no status: \"{}\"", head.substr(0, 80)));
  if (status < 200 && status != 101) {
    interim(head, status);
  } else if (!field_of(head, "X-Weir-Error").empty()) {
    local_reply(head, status);
  } else {
    from_app(head, status);
  }
  return true;
}

void Client::interim(const std::string& head, int status) {
  const std::uint32_t request = number_after(field_of(head, "X-Request"), "q");
  if (request == 0 || request != awaited()) {
    violated(fmt::format("an interim response {} to q{}, while q{} is awaited", status, request, awaited()));
  }
  barrier_ = 0;
  model_.note(name_, request, "gets an interim response {}", status);
}

void Client::local_reply(const std::string& head, int status) {
  model_.note(name_, awaited(), "gets weir's own {} ({})", status, field_of(head, "X-Weir-Error"));
  is_last_ = field_of(head, "Connection") == "close";
  const std::string length = field_of(head, "Content-Length");
  if (length.empty()) violated("weir's own reply says no length");
  response_ = 0;
  local_body_.clear();
  local_left_ = std::stoul(length);
  Request* request = model_.request(awaited());
  if (request != nullptr) {
    request->status_seen = status;
    request->is_seen_from_app = false;
    if (request->method == "HEAD") {
      // Where weir has not read so far it cannot know what was to be HEAD.
      spared_ = is_last_ && (status == 400 || status == 408 || status == 431) ? local_left_ : 0;
      local_left_ = 0;
    }
  }
  state_ = State::local_body;
  if (local_left_ == 0) end_of_local_reply();
}

void Client::end_of_local_reply() {
  state_ = is_last_ ? State::closing : State::head;
  constexpr std::string_view kMember = "\"request_id\":\"q";
  const std::size_t at = local_body_.find(kMember);
  if (at != std::string::npos) {
    const std::uint32_t named = number_after(std::string_view(local_body_).substr(at + kMember.size() - 1), "q");
    if (named != awaited()) violated(fmt::format("weir's own reply is to q{}, while q{} is awaited", named, awaited()));
  }
  Request* request = model_.request(awaited());
  if (request == nullptr) {
    if (!is_last_) violated("weir's own reply without a request does not end the connection");
    return;
  }
  request->is_seen_whole = true;
  awaiting_.pop_front();
}

void Client::from_app(const std::string& head, int status) {
  const std::uint32_t id = number_after(field_of(head, "X-Request"), "q");
  response_ = number_after(field_of(head, "X-Response"), "r");
  Response* response = model_.response(response_);
  if (Expectations::stray_bytes_are_harmless && status == 408 && id == 0 && awaited() != 0) {
    // Nobody asked the app for it, but it came as the request did: where that cannot be sent again its client gets it.
    model_.note(name_, awaited(), "gets a 408 that the app sent by itself");
    Request& request = *model_.request(awaited());
    request.status_seen = status;
    is_last_ = field_of(head, "Connection") == "close";
    state_ = is_last_ ? State::closing : State::head;
    awaiting_.pop_front();
    return;
  }
  if (response == nullptr || id == 0) {
    violated(fmt::format("a response that the app did not send: \"{}\"", head.substr(0, 300)));
  }
  if (id != awaited() || response->request != id) {
    violated(fmt::format("the response r{} to q{}, while q{} is awaited", response_, id, awaited()));
  }
  Request& request = *model_.request(id);
  if (response->status != status) violated(fmt::format("status {} where the app said {}", status, response->status));
  if (!request.is_begun) violated(fmt::format("a response to q{}, which was not sent", id));
  request.status_seen = status;
  request.is_seen_from_app = true;
  barrier_ = 0;
  model_.note(name_, id, "gets the head of r{}, {}", response_, status);
  const std::string connection = field_of(head, "Connection");
  is_last_ = connection == "close";
  if (status == 101) {
    if (!request.wants_upgrade) violated("101 to a request that did not ask for it");
    state_ = State::tunnel;
    tunnel_request_ = id;
    request.is_seen_whole = true;
    out_.clear();
    awaiting_.pop_front();
    append_pattern(out_, id, Role::tunnel_to_app, 0, model_.dice.pick<std::size_t>({0, 30, 40'000}));
    return;
  }
  const std::string length = field_of(head, "Content-Length");
  Body::Framing framing = Body::Framing::until_close;
  if (request.method == "HEAD" || status == 204 || status == 304) {
    framing = Body::Framing::none;
  } else if (!field_of(head, "Transfer-Encoding").empty()) {
    framing = Body::Framing::chunked;
  } else if (!length.empty()) {
    framing = Body::Framing::length;
  }
  body_.begin(framing, length.empty() ? 0 : std::stoull(length), response_, Role::response);
  state_ = State::body;
  if (body_.is_done()) end_of_response();
}

void Client::end_of_response() {
  Request& request = *model_.request(awaited());
  const Response& response = *model_.response(response_);
  state_ = is_last_ ? State::closing : State::head;
  const bool shows_cuts = !is_unix_ || Expectations::cuts_show_on_unix_sockets;
  if (body_.ends_with_connection() && (response.hides_its_cut || !shows_cuts)) {
    awaiting_.pop_front();
    return;
  }
  const std::string which = fmt::format("r{} looks complete with {} octets, but the app", response_, body_.octets());
  if (response.is_broken) violated(which + " sent no whole one");
  if (!response.is_written) violated(which + " has not sent all of it");
  if (request.method != "HEAD" && body_.octets() != response.body) {
    violated(fmt::format("{} sent {}", which, response.body));
  }
  if (body_.ends_with_connection() && response.needs_end && !response.has_ended) {
    violated(which + " broke it off, or has not ended it");
  }
  request.is_seen_whole = true;
  request.octets_seen = body_.octets();
  ++served_;
  model_.note(name_, request.id, "has all of r{}, {} octets", response_, body_.octets());
  awaiting_.pop_front();
}

void Client::connection_ended(bool is_clean) {
  model_.note(name_, awaited(), "{}", is_clean ? "finds the connection ended" : "finds the connection reset");
  if (is_clean && state_ == State::body && body_.ends_with_connection()) end_of_response();
  socket_.close();
}

}  // namespace weir::chaos
