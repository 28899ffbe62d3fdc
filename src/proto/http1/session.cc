// HOT PATH: no allocation once warm, no lock, no system call but the socket's own, no log above debug.
#include "session.h"

#include <algorithm>
#include <utility>

#include <weir/base/log.h>
#include <weir/proxy/proxy_header.h>

#include "exchange.h"

namespace weir::proto::http1 {
namespace {

/// Pipelined bytes held while an exchange is under way; then the client has to wait.
constexpr std::size_t kMaxHeld = 64 * 1024;
/// How long and how much a client may go on sending to a connection that weir has closed its direction of, so that the
/// answer reaches it before a reset does (RFC 9112 section 9.6).
constexpr Nanos kLinger = 2s;
/// The same of a connection that weir ends while nothing is under way. What the client may be sending at that moment gets
/// no response, as it would not on a connection that is closed, but it meets no reset.
constexpr Nanos kGoodbye = 100ms;
constexpr std::uint32_t kMaxLingeredBytes = 16 * 1024 * 1024;

}  // namespace

Session::Session(Http1& http, std::size_t listener, net::Accepted accepted, bool is_over_limit)
    : http_(http),
      client_(http.worker().loop(), *this, std::move(accepted)),
      client_host_(client_.peer_host()),
      listener_(static_cast<std::uint32_t>(listener)),
      is_over_limit_(is_over_limit) {
  client_.start_reading();
  const TimePoint now = Clock::now();
  if (http_.plan().listeners[listener].proxy_protocol) {
    wait_for(Waiting::proxy_header, now, http_.plan().timeouts.request_head);
  } else {
    begin_http({}, now);
  }
}

void Session::begin_http(std::span<char> data, TimePoint now) {
  const proxy::TimeoutsOptions& timeouts = http_.plan().timeouts;
  // A client that connects is about to send: it gets as long as for a head, not as long as between requests. A TLS
  // handshake is within that time.
  wait_for(Waiting::next_request, now, std::min(timeouts.request_head, timeouts.keep_alive));
  if (const net::TlsServerContextPtr& tls = http_.plan().listeners[listener_].tls; tls != nullptr) {
    client_.start_tls_server(tls, data);
  } else if (!data.empty()) {
    read_requests(data, now, now);
  }
}

Session::~Session() = default;

void Session::wait_for(Waiting what, TimePoint now, Nanos limit) {
  waiting_ = what;
  http_.worker().deadlines().arm(*this, now, limit);
}

void Session::wait_for_nothing() {
  waiting_ = Waiting::nothing;
  http_.worker().deadlines().disarm(*this);
}

void Session::on_data(net::Stream&, std::span<char> data) {
  const TimePoint now = Clock::now();
  if (waiting_ == Waiting::linger) {
    lingered_bytes_ += static_cast<std::uint32_t>(data.size());
    if (lingered_bytes_ > kMaxLingeredBytes) close();
    return;
  }
  if (waiting_ == Waiting::proxy_header) {
    read_proxy_header(data, now);
    return;
  }
  if (exchange_ == nullptr) {
    if (pending_.empty()) {
      read_requests(data, now, now);
    } else {
      pending_.append(data.data(), data.size());
      if (partial_head_.is_worth_parsing(pending_, http_.shape().limits.head_bytes)) read_pending(now);
    }
    return;
  }
  if (exchange_->is_tunnel()) {
    exchange_->tunnel_from_client(data);
    return;
  }
  if (exchange_->is_request_done()) {
    hold(data, now);
    return;
  }
  const std::size_t taken = exchange_->take_request_bytes(data, now);
  const std::span<char> rest = data.subspan(taken);
  if (rest.empty() || is_closed_ || waiting_ == Waiting::linger) return;
  if (exchange_ != nullptr) {
    hold(rest, now);
  } else {
    read_requests(rest, now, now);
  }
}

/// A header that comes in pieces is gathered in `pending_`; its size is bounded by its own rules.
void Session::read_proxy_header(std::span<char> data, TimePoint now) {
  std::string gathered = take_pending();
  if (!gathered.empty()) {
    gathered.append(data.data(), data.size());
    data = gathered;
  }
  proxy::ProxyHeader header = proxy::parse_proxy_header({data.data(), data.size()});
  switch (header.outcome) {
    case proxy::ProxyHeader::Parse::incomplete:
      pending_.assign(data.data(), data.size());
      return;
    case proxy::ProxyHeader::Parse::refused:
      http_.worker().count(proxy::Event::proxy_header_refused);
      close();
      return;
    case proxy::ProxyHeader::Parse::done:
      break;
  }
  if (!header.client.empty()) client_host_ = std::move(header.client);
  begin_http(data.subspan(header.size), now);
}

void Session::hold(std::span<char> data, TimePoint came) {
  if (pending_.empty()) held_since_ = came;
  pending_.append(data.data(), data.size());
  if (pending_.size() < kMaxHeld) return;
  client_.stop_reading();
  client_.watch_peer();
}

std::string Session::take_pending() { return std::exchange(pending_, {}); }

void Session::read_pending(TimePoint now) {
  const TimePoint came = std::exchange(held_since_, TimePoint());
  std::string buffer = std::exchange(pending_, {});
  read_requests(buffer, came == TimePoint() ? now : came, now);
}

void Session::read_requests(std::span<char> data, TimePoint came, TimePoint now) {
  is_reading_requests_ = true;
  while (!data.empty() && exchange_ == nullptr && !is_closed_ && waiting_ != Waiting::linger) {
    // RFC 9112 section 2.2: one empty line before a request line is forgiven.
    if (data[0] == '\r' && !has_skipped_line_) {
      if (data.size() == 1) {
        keep_partial_head(data, now);
        break;
      }
      if (data[1] == '\n') {
        has_skipped_line_ = true;
        data = data.subspan(2);
        continue;
      }
    }
    http::HeadParser& parser = http_.parser();
    const http::Parse outcome = parser.parse_request({data.data(), data.size()});
    if (outcome == http::Parse::incomplete) {
      keep_partial_head(data, now);
      break;
    }
    if (outcome == http::Parse::refused) {
      refuse({data.data(), data.size()}, parser.fault(), parser.reason(), now);
      break;
    }
    // A head that came in pieces had its turn from its first byte on; one that was held has it now.
    const TimePoint begun = std::exchange(head_begun_, TimePoint());
    const Exchange::Arrival arrival =
        begun == TimePoint() ? Exchange::Arrival{came, now} : Exchange::Arrival{begun, begun};
    partial_head_.reset();
    has_skipped_line_ = false;
    data = data.subspan(parser.request().raw.size());
    exchange_ = http_.take_exchange();
    const std::size_t taken = exchange_->begin(*this, parser.request(), data, arrival, now, is_over_limit_);
    data = data.subspan(taken);
    // The end came before this request had its turn, and is told only once.
    if (has_client_ended_ && exchange_ != nullptr) exchange_->on_client_ended(now);
  }
  is_reading_requests_ = false;
  if (exchange_ != nullptr && !data.empty()) hold(data, came);
}

void Session::keep_partial_head(std::span<char> data, TimePoint now) {
  pending_.assign(data.data(), data.size());
  partial_head_.note_incomplete(pending_);
  if (head_begun_ != TimePoint()) return;
  head_begun_ = now;
  wait_for(Waiting::head, now, http_.plan().timeouts.request_head);
}

void Session::refuse(std::string_view head, Fault fault, const char* reason, TimePoint now) {
  const TimePoint begun = head_begun_ == TimePoint() ? now : head_begun_;
  const bool is_head = head.starts_with("HEAD ");
  pending_.clear();
  exchange_ = http_.take_exchange();
  exchange_->begin_refused(*this, fault, reason, is_head, {begun, begun}, now);
}

void Session::on_end(net::Stream&) {
  const TimePoint now = Clock::now();
  has_client_ended_ = true;
  if (exchange_ != nullptr) {
    exchange_->on_client_ended(now);
  } else {
    close();
  }
}

void Session::on_failed(net::Stream&, int) {
  if (client_.is_handshaking()) {
    http_.worker().count(proxy::Event::tls_refused);
    log::debug("a TLS handshake failed", {{"client", client_host_}, {"reason", client_.failure_text()}});
  }
  if (exchange_ != nullptr) {
    exchange_->on_client_failed(Clock::now());
  } else {
    close();
  }
}

void Session::on_peer_ended(net::Stream&) {
  if (exchange_ != nullptr) exchange_->on_client_ended_unread(Clock::now());
}

std::unique_ptr<proxy::UpstreamConnection> Session::take_bound(const proxy::UpstreamPool& pool) {
  for (const auto& bound : bound_) {
    if (!bound->belongs_to(pool)) {
      // A reload has put another pool in its place.
      if (bound->is_of_former_pool()) bound->drop();
      continue;
    }
    // It may have been released in this very turn, with more than a response in its socket.
    if (!bound->has_unread()) return bound->take();
    bound->drop();
  }
  return nullptr;
}

void Session::bind(proxy::UpstreamPool& pool, std::unique_ptr<proxy::UpstreamConnection> connection) {
  std::erase_if(bound_, [](const auto& bound) { return !bound->is_open(); });
  bound_.push_back(std::make_unique<BoundConnection>(pool, std::move(connection)));
}

void Session::on_drained(net::Stream&) {
  if (exchange_ != nullptr) exchange_->on_client_drained(Clock::now());
}

void Session::on_deadline() {
  const TimePoint now = Clock::now();
  switch (waiting_) {
    case Waiting::nothing:
      break;
    case Waiting::proxy_header:
      http_.worker().count(proxy::Event::proxy_header_refused);
      close();
      break;
    case Waiting::next_request:
      if (http_.worker().is_ending(listener_) && !client_.is_handshaking()) {
        if (client_.has_unread_in_socket()) {
          wait_for(waiting_, now, kGoodbye);  // read within this turn
        } else {
          linger(now, kGoodbye);
        }
        break;
      }
      http_.worker().count(client_.is_handshaking() ? proxy::Event::tls_refused : proxy::Event::closed_idle);
      close();
      break;
    case Waiting::linger:
      close();
      break;
    case Waiting::head:
      refuse(pending_, Fault::request_timeout, "the request head did not arrive within timeouts.request_head", now);
      break;
    default:
      if (exchange_ != nullptr) exchange_->on_timeout(std::exchange(waiting_, Waiting::nothing), now);
  }
}

void Session::exchange_over(Afterwards afterwards, TimePoint now) {
  http_.put_back(std::move(exchange_));
  has_served_ = true;
  if (afterwards == Afterwards::reset) {
    client_.reset();
    close();
    return;
  }
  const bool has_more_input = !pending_.empty() || is_reading_requests_;
  const bool has_nothing_to_come = has_client_ended_ && !has_more_input;
  if (afterwards != Afterwards::keep || has_nothing_to_come) {
    if (afterwards == Afterwards::linger || has_more_input) {
      linger(now, kLinger);
    } else {
      close();
    }
    return;
  }
  // Where the connection is to end but the response had begun before, the client does not know: its next request, if it
  // is on its way, still gets a response.
  const Nanos keep_alive = http_.plan().timeouts.keep_alive;
  const bool is_ending = http_.worker().is_ending(listener_);
  wait_for(Waiting::next_request, now, is_ending ? std::min(kGoodbye, keep_alive) : keep_alive);
  client_.unwatch_peer();
  if (!has_client_ended_) client_.start_reading();
  if (is_reading_requests_ || pending_.empty()) return;
  read_pending(now);
  if (has_client_ended_ && exchange_ == nullptr && !is_closed_) close();
}

void Session::linger(TimePoint now, Nanos limit) {
  if (has_client_ended_) {
    close();
    return;
  }
  pending_.clear();
  client_.shutdown();
  client_.start_reading();
  wait_for(Waiting::linger, now, limit);
}

void Session::close() {
  if (is_closed_) return;
  is_closed_ = true;
  wait_for_nothing();
  client_.close();
  for (const auto& bound : bound_) bound->drop();
  http_.worker().remove(*this);
}

void Session::begin_drain(bool all) {
  if (exchange_ != nullptr || !pending_.empty() || waiting_ == Waiting::linger) return;
  if (!all && !has_served_) return;
  // A handshake that has begun is part of a request.
  if (client_.is_handshaking() && client_.has_received_tls()) return;
  // What has come already is served.
  if (client_.has_unread()) return;
  linger(Clock::now(), kGoodbye);
}

void Session::abort() {
  if (exchange_ != nullptr) {
    exchange_->on_aborted(Clock::now());
  } else {
    close();
  }
}

}  // namespace weir::proto::http1
