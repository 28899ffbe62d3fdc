// HOT PATH: no allocation once warm, no lock, no system call but the socket's own, no log above debug.
#include "connection_auth.h"
#include "exchange.h"
#include "part.h"

#include <cstring>
#include <fmt/format.h>
#include <utility>

#include <weir/base/bytes.h>
#include <weir/base/units.h>

namespace weir::proto::http1 {
namespace {

/// A body up to this size that came in one piece with its head is kept, so that the request can be sent again.
constexpr std::size_t kMaxKeptBody = 64 * 1024;
constexpr std::string_view kTooManyWait =
    "all connections to the app are busy (max_connections) and too many requests wait for one";

/// The value of one cookie (RFC 6265 section 4.2.1); empty if it is not there.
std::string_view cookie_value(const http::RequestHead& head, std::string_view name) {
  std::string_view found;
  for (const http::Field& field : head.fields) {
    if (field.id != http::FieldId::cookie) continue;
    split(field.value(), ';', [&](std::string_view pair) {
      const std::size_t equals = pair.find('=');
      if (found.empty() && equals != std::string_view::npos && pair.substr(0, equals) == name) {
        found = pair.substr(equals + 1);
      }
    });
  }
  return found;
}

std::string_view identity(const http::RequestHead& head, const stats::IdentityOptions& options, http::FieldId id,
                          http::JwtClaimReader& claims) {
  if (!options.cookie.empty()) return cookie_value(head, options.cookie);
  if (!options.is_on()) return {};
  const http::Field* field = head.find(id);
  if (field == nullptr) return {};
  return options.jwt_claim.empty() ? field->value() : claims.read(field->value(), options.jwt_claim);
}

/// The trace id of a W3C Trace Context header: version, 32 hexadecimal digits, and so on.
std::string_view trace_id(const http::RequestHead& head) {
  const http::Field* field = head.find(http::FieldId::traceparent);
  if (field == nullptr || field->value_size < 55 || field->value()[2] != '-' || field->value()[35] != '-') return {};
  const std::string_view id = field->value().substr(3, 32);
  return id.find_first_not_of("0123456789abcdef") == std::string_view::npos ? id : std::string_view();
}

}  // namespace

Exchange::Exchange(Http1& http) : http_(http) {}

Exchange::~Exchange() = default;

void Exchange::start(Session& session, Arrival arrival, TimePoint now) {
  static_cast<proxy::Exchange&>(*this) = proxy::Exchange();
  session_ = &session;
  pool_ = nullptr;
  head_.clear();
  kept_body_.clear();
  more_texts_.clear();
  partial_head_.clear();
  said_timing_.clear();
  said_cache_.clear();
  body_size_ = 0;
  held_since_ = TimePoint();
  retries_left_ = 0;
  interim_responses_ = 0;
  avoid_ = kNoServer;
  upload_ = Upload::held;
  download_ = Download::awaited;
  tunnel_ends_ = TunnelEnds::none;
  tunnel_deaf_ = TunnelEnds::none;
  minor_version = 1;
  is_head_request_ = brought_request_id_ = wants_upgrade_ = expects_continue_ = is_stream_route_ = is_bound_ = false;
  ends_by_closing_ = can_send_again_ = client_closes_ = upstream_persists_ = false;
  slow_threshold_ns = http_.plan().measure.slow_threshold.count();
  body_limit_ = http_.plan().limits.body_size;
  texts.client = session.client_host();
  at.first_byte = arrival.first_byte;
  at.turn = arrival.turn;
  at.head_complete = now;
}

void Exchange::begin_refused(Session& session, Fault refusal, std::string_view reason, bool is_head, Arrival arrival,
                             TimePoint now) {
  start(session, arrival, now);
  is_head_request_ = is_head;
  if (!http_.plan().measure.request_id_header.empty()) {
    request_id_ = http_.make_request_id();
    texts.request_id = {request_id_.data(), request_id_.size()};
  }
  request_body_.start({.kind = http::Framing::Kind::until_close, .length = 0}, http::ChunkedReader::Output::chunks, {});
  http_.worker().recorder().begin(*this);
  refuse_request(refusal, reason, now);
}

std::size_t Exchange::begin(Session& session, const http::RequestHead& head, std::span<char> after_head,
                            Arrival arrival, TimePoint now, bool is_over_limit) {
  start(session, arrival, now);
  proxy::Worker& worker = http_.worker();
  method = head.tag;
  is_head_request_ = head.tag == Method::head;
  minor_version = head.minor_version;
  wants_upgrade_ = head.wants_upgrade;
  client_closes_ = !head.persists || worker.is_ending(session.listener());

  const route::Match& match = worker.table()->match(head.tag, head.path);
  route = match.route;
  wants_detail = !match.is_matched() || match.is_studied;
  wants_client = http_.plan().measure.client_networks;
  is_stream_route_ = match.is_stream;
  if (match.slow_threshold_ns > 0) slow_threshold_ns = match.slow_threshold_ns;
  const std::optional<UpstreamId> upstream =
      match.upstream ? match.upstream : http_.plan().listeners[session.listener()].upstream;
  if (upstream) {
    upstream_ = *upstream;
    pool_ = worker.pool(upstream_);
  }
  if (pool_ != nullptr) retries_left_ = pool_->options().retries;
  const bool has_been_here = scan_fields(head);
  write_head(head);
  note_texts(head);
  worker.recorder().begin(*this);
  worker.retry_budget().note_request();

  request_body_.start(head.framing, http::ChunkedReader::Output::chunks, http_.shape().limits);
  if (is_over_limit) {
    client_closes_ = true;
    fail(Fault::overloaded,
         fmt::format("limits.connections, {}, is reached: try again later", http_.plan().limits.connections), now);
    return 0;
  }
  if (pool_ == nullptr) {
    fail(Fault::no_route, "no route of the configuration matches and the listener names no upstream", now);
    return 0;
  }
  if (has_been_here) {
    fail(Fault::loop_detected,
         fmt::format("the request came back to this weir: upstream {} leads to one of its own listeners",
                     pool_->options().name),
         now);
    return 0;
  }
  if (head.framing.length > body_limit_) {
    fail(Fault::body_too_large, body_too_long(), now);
    return 0;
  }
  const BodyReader::Step step = request_body_.feed(after_head);
  if (step.problem != nullptr) {
    refuse_request(Fault::bad_request, step.problem, now);
    return step.consumed;
  }
  bytes_in = body_size_ = step.octets;
  if (body_size_ > body_limit_) {
    refuse_request(Fault::body_too_large, body_too_long(), now);
    return step.consumed;
  }
  if (is_request_done()) at.body_complete = now;
  expects_continue_ = head.expects_continue && !is_request_done() && after_head.empty();
  can_send_again_ = is_request_done();
  send_first(step.forward, step.tail, now);
  return step.consumed;
}

bool Exchange::scan_fields(const http::RequestHead& head) {
  const Shape& shape = http_.shape();
  bool has_been_here = false;
  for (const http::Field& field : head.fields) {
    if (field.id == shape.hop) {
      has_been_here |= field.value() == http_.worker().mark();
    } else if (field.id == http::FieldId::authorization || field.id == http::FieldId::proxy_authorization) {
      is_bound_ |= authenticates_connection(field.value());
    }
  }
  return has_been_here;
}

void Exchange::write_head(const http::RequestHead& head) {
  const Shape& shape = http_.shape();
  const stats::MeasureOptions& measure = shape.plan->measure;
  RequestAdditions additions;
  if (measure.forwarded_headers) {
    additions.client = session_->client_host();
    additions.scheme = client().is_tls() ? "https" : "http";
    additions.host = head.host;
    const TrustedProxies& trusted = shape.trusted_proxies;
    additions.replaces_forwarded = trusted.is_named() && !trusted.trusts(session_->client_host());
  }
  additions.mark = http_.worker().mark();
  if (!measure.request_id_header.empty()) {
    const http::Field* brought = head.find(shape.request_id);
    if (brought != nullptr && brought->value_size > 0) {
      brought_request_id_ = true;
      more_texts_.assign(brought->value());
    } else {
      request_id_ = http_.make_request_id();
      if (brought == nullptr) {
        additions.request_id_name = measure.request_id_header;
        additions.request_id = {request_id_.data(), request_id_.size()};
      }
    }
  }
  std::array<char, 32> start_text;
  if (!measure.request_start_header.empty() && head.find(shape.request_start) == nullptr) {
    const auto since_epoch = WallClock::now().time_since_epoch() - (Clock::now() - at.first_byte);
    const auto end = fmt::format_to_n(start_text.data(), start_text.size(), "t={}",
                                      std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count());
    additions.request_start_name = measure.request_start_header;
    additions.request_start = {start_text.data(), end.size};
  }
  write_request_head(head_, head, additions);
}

/// What the record may need is remembered where it stays: in the head that was written, else in `more_texts_`.
void Exchange::note_texts(const http::RequestHead& head) {
  const Shape& shape = http_.shape();
  const stats::MeasureOptions& measure = shape.plan->measure;
  const std::string_view user = identity(head, measure.user, shape.user, http_.user_claims());
  const std::string_view tenant = identity(head, measure.tenant, shape.tenant, http_.tenant_claims());
  const std::string_view trace = trace_id(head);
  const http::Field* agent_field = head.find(http::FieldId::user_agent);
  const std::string_view agent = agent_field == nullptr ? std::string_view() : agent_field->value();
  if (shape.is_probe(head.path, agent)) traits |= stats::kProbe;

  const bool asks_for_another =
      shape.trusted_proxies.is_named() && shape.trusted_proxies.trusts(session_->client_host());
  const std::string_view client = asks_for_another ? shape.trusted_proxies.client_of(head, {}) : std::string_view();

  const std::size_t brought = more_texts_.size();
  more_texts_.append(client).append(user).append(tenant).append(trace);
  if (shape.plan->access_log != nullptr) more_texts_.append(agent);
  const char* at_text = more_texts_.data();
  const auto take = [&at_text](std::size_t size) {
    return std::string_view(std::exchange(at_text, at_text + size), size);
  };
  const std::string_view brought_id = take(brought);
  texts.request_id = brought_request_id_                  ? brought_id
                     : measure.request_id_header.empty() ? std::string_view()
                                                         : std::string_view(request_id_.data(), request_id_.size());
  if (!client.empty()) {
    texts.client = take(client.size());
  }
  texts.user = take(user.size());
  texts.tenant = take(tenant.size());
  texts.trace_id = take(trace.size());
  if (shape.plan->access_log != nullptr) user_agent = take(agent.size());

  const std::string_view written = head_.view();
  texts.path = written.substr(head.method.size() + 1, head.path.size());
  if (head.tag == Method::other) texts.method = written.substr(0, head.method.size());
}

void Exchange::send_first(std::string_view forward, std::string_view tail, TimePoint now) {
  if (pool_->options().balance == proxy::Balance::hash) balance_key_ = std::hash<std::string_view>{}(texts.client);
  at.first_asked = at.upstream_asked = now;
  std::unique_ptr<proxy::UpstreamConnection> ready = session_->take_bound(*pool_);
  proxy::UpstreamServer* chosen = nullptr;
  if (ready != nullptr) [[unlikely]] {
    is_bound_ = true;
  } else {
    chosen = pool_->choose(balance_key_, avoid_, now);
    if (chosen != nullptr) ready = pool_->take_idle(*chosen);
  }
  if (ready != nullptr) {
    at.connect_begun = now;
    // Only what is idempotent could be sent again on another connection: keep no copy of anything else.
    if (can_send_again_ && forward.size() + tail.size() > 0) {
      can_send_again_ = is_idempotent(method) && forward.size() + tail.size() <= kMaxKeptBody;
      if (can_send_again_) kept_body_.assign(forward).append(tail);
    }
    attach(std::move(ready), now);
    const iovec parts[] = {part(head_.view()), part(forward), part(tail)};
    send(parts, true, now);
    return;
  }
  kept_body_.assign(forward).append(tail);
  ask_for_connection(chosen, now);
}

void Exchange::ask_for_connection(proxy::UpstreamServer* to, TimePoint now) {
  if (to == nullptr) {
    fail(Fault::no_healthy_upstream, "the health checks of every server of the app fail", now);
    return;
  }
  if (!is_request_done()) hold_client();
  // The pool bounds it.
  session_->wait_for_nothing();
  if (!pool_->ask(*this, *to, now)) {
    fail(Fault::overloaded, kTooManyWait, now);
  }
}

/// Nothing more is read from the client until what has come of it is on its way; that it leaves is seen all the same.
void Exchange::hold_client() {
  client().stop_reading();
  client().watch_peer();
}

/// Another attempt: one of the exchange's own and, where the app failed, one of all that the worker may make. Replacing a
/// connection that was stale is no load on an app in trouble. False: there is none left.
bool Exchange::take_retry(Retry why) {
  if (retries_left_ == 0) return false;
  if (why != Retry::stale && !http_.worker().retry_budget().take()) {
    http_.worker().count(proxy::Event::retry_denied);
    return false;
  }
  --retries_left_;
  traits |= stats::kRetried;
  attempts.note(server);
  http_.worker().recorder().failed_attempt(*this, why == Retry::stale      ? stats::AttemptOutcome::stale
                                                  : connection_ == nullptr ? stats::AttemptOutcome::not_connected
                                                                           : stats::AttemptOutcome::closed);
  return true;
}

/// At another server where there is one, unless it was only the connection that had become useless.
void Exchange::ask_again(Retry why, TimePoint now) {
  avoid_ = why == Retry::stale ? kNoServer : server;
  at.upstream_asked = now;
  at.connect_begun = at.connection_ready = at.first_byte_sent = at.request_sent = TimePoint();
  ask_for_connection(pool_->choose(balance_key_, avoid_, now), now);
}

void Exchange::attach(std::unique_ptr<proxy::UpstreamConnection> connection, TimePoint now) {
  connection_ = std::move(connection);
  connection_->stream().set_owner(*this);
  server = connection_->server();
  at.connection_ready = now;
  if (connection_->is_reused()) {
    traits |= stats::kReusedConnection;
  } else {
    traits &= static_cast<std::uint16_t>(~stats::kReusedConnection);
  }
}

void Exchange::on_place(TimePoint now) { at.connect_begun = now; }

void Exchange::on_connection(std::unique_ptr<proxy::UpstreamConnection> connection) {
  const TimePoint now = Clock::now();
  // One that was handed on by another exchange was waited for, not connected.
  at.connect_begun = connection->is_reused() ? now : connection->connect_begun();
  attach(std::move(connection), now);
  send_kept(now);
}

void Exchange::send_kept(TimePoint now) {
  const iovec parts[] = {part(head_.view()), part(kept_body_)};
  if (!is_request_done()) client().start_reading();
  send(parts, true, now);
}

void Exchange::on_no_connection(Fault failure, ServerId failed, std::string_view reason) {
  const TimePoint now = Clock::now();
  if (failure == Fault::overloaded) {
    if (failed != kNoServer) server = failed;
    fail(failure, reason, now);
    return;
  }
  server = failed;
  // Nothing was sent, so this is safe for any method.
  if (take_retry(Retry::not_sent)) {
    ask_again(Retry::not_sent, now);
    return;
  }
  if (failure == Fault::connect_failed) {
    fail(failure, fmt::format("no connection to {}: {}", http_.plan().server_url(failed), reason), now);
  } else {
    fail(failure, reason, now);
  }
}

void Exchange::send(std::span<const iovec> parts, bool is_first, TimePoint now) {
  const net::Write outcome = connection_->stream().write(parts);
  if (outcome == net::Write::failed) {
    if (is_first) {
      keep_body(parts.subspan(1));
      if (try_again(Retry::not_sent, now)) return;
    }
    // A response may have come before the connection broke (413 and away): reading tells how it ended.
    can_send_again_ = false;
    discard_request();
    settle(now);
    return;
  }
  const TimePoint sent = Clock::now();
  if (is_first) at.first_byte_sent = sent;
  if (is_request_done()) {
    move(outcome == net::Write::queued ? Upload::flushing : Upload::sent);
    if (upload_ == Upload::sent) at.request_sent = sent;
  } else {
    move(Upload::streaming);
    if (outcome == net::Write::queued) {
      hold_client();
      if (held_since_ == TimePoint()) held_since_ = sent;
    }
  }
  settle(now);
}

/// The app takes no more of it. What the client still sends is read, however much waited for the app before: a client that
/// sends everything before it reads would never get its response.
void Exchange::discard_request() {
  if (upload_ == Upload::refused || upload_ == Upload::sent) return;
  move(Upload::discarding);
  if (!session_->has_client_ended()) client().start_reading();
}

/// Nothing of `parts` was sent, so they are all there is of the body so far.
void Exchange::keep_body(std::span<const iovec> parts) {
  std::string body;
  for (const iovec& piece : parts) body.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  kept_body_ = std::move(body);
}

/// Nothing more of the request is looked at. A response that is complete already is given all the same.
std::string Exchange::body_too_long() const {
  return fmt::format("the body is longer than limits.body_size, {}", format_size(body_limit_));
}

void Exchange::refuse_request(Fault failure, std::string_view detail, TimePoint now) {
  client_closes_ = true;
  move(Upload::refused);
  fail(failure, detail, now);
}

std::size_t Exchange::take_request_bytes(std::span<char> data, TimePoint now) {
  if (upload_ == Upload::refused) return data.size();
  const BodyReader::Step step = request_body_.feed(data);
  if (step.problem != nullptr) {
    refuse_request(Fault::bad_request, step.problem, now);
    return data.size();
  }
  body_size_ += step.octets;
  if (download_ != Download::given) bytes_in = body_size_;
  if (body_size_ > body_limit_) {
    refuse_request(Fault::body_too_large, body_too_long(), now);
    return data.size();
  }
  if (is_request_done() && download_ != Download::given) at.body_complete = now;
  expects_continue_ = false;
  switch (upload_) {
    case Upload::held:
      // Reading was stopped, so this is the little that was under way.
      kept_body_.append(step.forward).append(step.tail);
      can_send_again_ = is_request_done();
      break;
    case Upload::streaming: {
      can_send_again_ = false;
      kept_body_.clear();
      const iovec parts[] = {part(step.forward), part(step.tail)};
      if (step.forward.size() + step.tail.size() > 0) {
        send(parts, false, now);
      } else {
        settle(now);
      }
      break;
    }
    default:
      settle(now);
  }
  return step.consumed;
}

/// What it means that the app's connection is gone before a response.
Exchange::Retry Exchange::lost_connection() const {
  return connection_->is_reused() ? Retry::stale : Retry::failed;
}

/// Sends the request once more on another connection, where that is safe (RFC 9110 section 9.2.2): all of it is still
/// here, nothing of a response came, and either none of it was sent, or the method allows it and there is reason to hope:
/// the connection was a kept one, which may just have been stale, or another server can be asked.
bool Exchange::try_again(Retry why, TimePoint now) {
  const bool has_answered = at.response_first != TimePoint() || interim_responses_ > 0;
  if (connection_ == nullptr || has_answered || download_ != Download::awaited) return false;
  const bool has_hope = connection_->is_reused() || pool_->options().servers.size() > 1;
  const bool is_harmless = why == Retry::not_sent || (can_send_again_ && is_idempotent(method) && has_hope);
  if (why == Retry::not_sent) why = lost_connection() == Retry::stale ? Retry::stale : Retry::not_sent;
  if (!is_harmless || !take_retry(why)) return false;
  drop_connection();
  move(Upload::held);
  ask_again(why, now);
  return true;
}

}  // namespace weir::proto::http1
