#include "call.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/base/units.h>

namespace weir::verbs {

namespace {

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char lower = ascii_lower(c);
    // RFC 3986 section 2.3: unreserved.
    const bool is_plain = is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string request_text(const Server& server, const Call::Request& request) {
  std::string text =
      fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: weir\r\nAccept: {}\r\nConnection: close\r\n",
                  label(request.method), server.url.prefix, request.target, server.url.host, request.accept);
  if (!server.token.empty()) text += fmt::format("Authorization: Bearer {}\r\n", server.token);
  if (!request.body.empty()) text += "Content-Type: application/json\r\n";
  if (request.method == Method::post) text += fmt::format("Content-Length: {}\r\n", request.body.size());
  return text + "\r\n" + request.body;
}

std::string_view content_type_of(const http::Head& head) {
  const http::Field* field = head.find(http::FieldId::content_type);
  return field == nullptr ? std::string_view() : field->value();
}

}  // namespace

std::string target_of(std::string_view path, const Parameters& parameters) {
  std::string target(path);
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    target += fmt::format("{}{}={}", separator, name, encoded(value));
    separator = '&';
  }
  return target;
}

Call::Call(net::Loop& loop, const Server& server, net::TlsClientContextPtr tls, const Request& request, Hearing hearing)
    : loop_(loop),
      server_(server),
      tls_(std::move(tls)),
      request_(request_text(server, request)),
      method_(request.method),
      hearing_(std::move(hearing)),
      resolver_(loop),
      timer_(loop, [this] { on_time(); }),
      parser_(fields_, http::HeadLimits{}) {
  timer_.start(Nanos::zero());
}

Call::~Call() = default;

void Call::expect_more(Nanos quiet) {
  quiet_ = quiet;
  timer_.stop();
  if (quiet_ > Nanos::zero()) timer_.start(quiet_);
}

void Call::cancel() {
  is_over_ = true;
  timer_.stop();
  for (auto& stream : streams_) stream->close();
}

void Call::begin() {
  is_begun_ = true;
  timer_.start(server_.timeout);
  const net::Endpoint& address = server_.url.address;
  // Without a look-up there is no need for the threads that do them.
  if (net::SocketAddress::is_literal(address)) {
    Result<net::SocketAddress> literal = net::SocketAddress::of_literal(address);
    if (!literal) return end(literal.error());
    addresses_ = {std::move(literal).value()};
    return connect();
  }
  lookup_ = resolver_.resolve(address,
                              [this](Result<std::vector<net::SocketAddress>> found) { on_resolved(std::move(found)); });
}

void Call::on_resolved(Result<std::vector<net::SocketAddress>> found) {
  if (is_over_) return;
  if (!found) return end(found.error());
  if (found.value().empty()) return end(Error{"its name has no address"});
  addresses_ = std::move(found).value();
  connect();
}

void Call::connect() {
  const net::SocketAddress& address = addresses_[streams_.size()];
  net::StreamOwner& owner = *this;
  net::Stream& stream = *streams_.emplace_back(std::make_unique<net::Stream>(loop_, owner));
  if (tls_ != nullptr) stream.start_tls_client(tls_, server_.url.tls_name());
  if (!stream.connect(address)) end(Error{net::error_text(stream.last_error())});
}

/// With what to do about it, where that is not what to do about a server that is not there.
std::string Call::failure_of(const net::Stream& stream) const {
  std::string text = stream.failure_text();
  switch (stream.certificate_refusal()) {
    case net::CertificateRefusal::unknown_authority:
      text += server_.ca.empty()
                  ? " (name the authority that signed it: --ca FILE)"
                  : fmt::format(" (the authorities in {} did not sign it: name the right ones with --ca)", server_.ca);
      break;
    case net::CertificateRefusal::other_name:
      text += fmt::format(" (the certificate must have the name {}, by which it is called)", server_.url.tls_name());
      break;
    case net::CertificateRefusal::none:
    case net::CertificateRefusal::other:
      break;
  }
  return text;
}

void Call::on_connected(net::Stream& stream, int error) {
  if (error != 0) {
    const std::string failure = failure_of(stream);
    stream.close();
    if (streams_.size() < addresses_.size()) return connect();
    return end(Error{failure});
  }
  stream.start_reading();
  if (stream.write(request_) == net::Write::failed) end(Error{net::error_text(stream.last_error())});
}

void Call::on_data(net::Stream&, std::span<char> data) {
  if (quiet_ > Nanos::zero()) timer_.start(quiet_);
  if (framing_) return read_body(data);
  read_head(data);
}

void Call::read_head(std::span<char> data) {
  head_.append(data.data(), data.size());
  if (!partial_head_.is_worth_parsing(head_, http::HeadLimits{}.head_bytes)) return;
  while (true) {
    switch (parser_.parse_response(head_, method_)) {
      case http::Parse::incomplete:
        partial_head_.note_incomplete(head_);
        return;
      case http::Parse::refused: return end(Error{"what answers there speaks no HTTP that weir reads"});
      case http::Parse::complete: break;
    }
    const http::ResponseHead& head = parser_.response();
    const std::size_t size = head.raw.size();
    if (head.status >= 200) break;
    head_.erase(0, size);  // an interim answer: the real one follows
  }
  const http::ResponseHead& head = parser_.response();
  framing_ = head.framing;
  left_ = framing_->length;
  if (framing_->kind == http::Framing::Kind::chunked) {
    chunks_.start(http::ChunkedReader::Output::bare, http::HeadLimits{});
  }
  std::string body = head_.substr(head.raw.size());
  hearing_.on_head(head.status, content_type_of(head));
  if (!is_over_) read_body(body);
}

void Call::read_body(std::span<char> data) {
  switch (framing_->kind) {
    case http::Framing::Kind::none: return end(Done{});
    case http::Framing::Kind::until_close:
      if (!data.empty()) hearing_.on_body({data.data(), data.size()});
      return;
    case http::Framing::Kind::length: {
      const std::size_t size = std::min<std::uint64_t>(left_, data.size());
      left_ -= size;
      if (size != 0) hearing_.on_body({data.data(), size});
      if (left_ == 0 && !is_over_) end(Done{});
      return;
    }
    case http::Framing::Kind::chunked: {
      const http::ChunkedReader::Step step = chunks_.feed(data);
      if (step.problem != nullptr) return end(Error{fmt::format("its answer cannot be read: {}", step.problem)});
      if (!step.forward.empty()) hearing_.on_body(step.forward);
      if (step.is_done && !is_over_) end(Done{});
      return;
    }
  }
}

void Call::on_end(net::Stream&) {
  const bool is_whole = framing_ && framing_->kind == http::Framing::Kind::until_close;
  if (is_whole) return end(Done{});
  end(Error{head_.empty() ? "it closed the connection without an answer"
                          : "it closed the connection in the middle of its answer"});
}

void Call::on_failed(net::Stream& stream, int) { end(Error{failure_of(stream)}); }

void Call::on_time() {
  if (!is_begun_) return begin();
  const Nanos waited = quiet_ > Nanos::zero() ? quiet_ : server_.timeout;
  end(Error{fmt::format("no answer within {}", format_duration(waited))});
}

void Call::end(Status status) {
  if (is_over_) return;
  cancel();
  hearing_.on_end(std::move(status));
}

}  // namespace weir::verbs
