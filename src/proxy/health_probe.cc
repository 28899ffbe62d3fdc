#include "health_probe.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <weir/base/check.h>
#include <weir/base/units.h>
#include <weir/http/field_table.h>
#include <weir/http/head_parser.h>

namespace weir::proxy {
namespace {

/// So much of an answer is read so that the server can send it to its end; then the connection is closed on it.
constexpr std::size_t kMaxAnswer = 64 * 1024;

/// As for the workers' connections (RFC 8305 section 5).
constexpr Nanos kMaxNextAddressDelay = 250ms;

}  // namespace

HealthProbe::HealthProbe(net::Loop& loop, Target target, std::function<void(const Outcome&)> then)
    : loop_(loop),
      target_(std::move(target)),
      then_(std::move(then)),
      resolver_(loop),
      timer_(loop, [this] { on_time(); }),
      next_address_(loop, [this] { connect(); }) {
  outcome_.begun = Clock::now();
  timer_.start(target_.timeout);
  lookup_ = resolver_.resolve(target_.address,
                              [this](Result<std::vector<net::SocketAddress>> found) { on_resolved(std::move(found)); });
}

HealthProbe::~HealthProbe() = default;

void HealthProbe::cancel() {
  is_over_ = true;
  timer_.stop();
  next_address_.stop();
  for (auto& stream : streams_) stream->close();
}

void HealthProbe::on_resolved(Result<std::vector<net::SocketAddress>> found) {
  if (is_over_) return;
  if (!found || found.value().empty()) {
    decide_and_end(false, found ? "its host name has no address" : found.error().message);
    return;
  }
  addresses_ = std::move(found).value();
  connect();
}

void HealthProbe::connect() {
  // An address that was refused meanwhile may have brought the next one forward.
  next_address_.stop();
  WEIR_CHECK(streams_.size() < addresses_.size(), "no address is left to try");
  const net::SocketAddress& address = addresses_[streams_.size()];
  net::StreamOwner& owner = *this;
  net::Stream& stream = *streams_.emplace_back(std::make_unique<net::Stream>(loop_, owner));
  if (target_.tls != nullptr) stream.start_tls_client(target_.tls, target_.tls_name);
  if (!stream.connect(address)) {
    on_refused(stream.failure_text());
  } else if (streams_.size() < addresses_.size()) {
    next_address_.start(std::min<Nanos>(target_.timeout / addresses_.size(), kMaxNextAddressDelay));
  }
}

/// One address is no good: on to the next, or wait for those that are pending.
void HealthProbe::on_refused(std::string text) {
  ++failed_;
  if (streams_.size() < addresses_.size()) {
    connect();
  } else if (failed_ == streams_.size()) {
    decide_and_end(false, std::move(text));
  }
}

void HealthProbe::on_connected(net::Stream& stream, int error) {
  if (error != 0) {
    std::string text = stream.failure_text();
    stream.close();
    on_refused(std::move(text));
    return;
  }
  next_address_.stop();
  for (auto& other : streams_) {
    if (other.get() != &stream) other->close();
  }
  if (target_.request.empty()) {
    decide_and_end(true, "connected");
    return;
  }
  stream.start_reading();
  is_asked_ = true;
  if (stream.write(target_.request) == net::Write::failed) decide_and_end(false, stream.failure_text());
}

void HealthProbe::on_data(net::Stream&, std::span<char> data) {
  received_ += data.size();
  if (!is_decided_) {
    head_.append(data.data(), data.size());
    read_head();
  }
  if (received_ >= kMaxAnswer) decide_and_end(false, fmt::format("no HTTP/1 response to {}", target_.request_name));
}

/// As traffic is read, so that a server is not judged by what no client gets. Interim responses are skipped.
void HealthProbe::read_head() {
  static const http::FieldTable fields;
  http::HeadParser parser(fields, {});
  while (true) {
    const http::Parse outcome = parser.parse_response(head_, Method::get);
    if (outcome == http::Parse::incomplete) return;
    if (outcome == http::Parse::refused) {
      decide(false, fmt::format("no HTTP/1 response to {} that can be read: {}", target_.request_name, parser.reason()));
      return;
    }
    const int status = parser.response().status;
    if (status >= 200 || status == 101) {
      const bool is_good = target_.options.expects(status);
      decide(is_good, is_good ? fmt::format("{}", status) : fmt::format("{} to {}", status, target_.request_name));
      return;
    }
    head_.erase(0, parser.response().raw.size());
  }
}

void HealthProbe::on_end(net::Stream&) {
  decide_and_end(false, fmt::format("the connection was closed before a response to {}", target_.request_name));
}

void HealthProbe::on_failed(net::Stream& stream, int) {
  decide_and_end(false, is_asked_ ? fmt::format("{} after {}", stream.failure_text(), target_.request_name)
                                  : stream.failure_text());
}

void HealthProbe::on_time() {
  const std::string limit = format_duration(target_.timeout);
  decide_and_end(false, is_asked_ ? fmt::format("no response within {} to {}", limit, target_.request_name)
                                  : fmt::format("no connection within {}", limit));
}

/// The first decision holds.
void HealthProbe::decide(bool is_good, std::string text) {
  if (is_decided_) return;
  is_decided_ = true;
  outcome_.is_good = is_good;
  outcome_.text = std::move(text);
  outcome_.latency = Clock::now() - outcome_.begun;
}

void HealthProbe::decide_and_end(bool is_good, std::string text) {
  decide(is_good, std::move(text));
  end();
}

void HealthProbe::end() {
  if (is_over_) return;
  cancel();
  then_(outcome_);
}

}  // namespace weir::proxy
