#pragma once

#include "bound_connection.h"
#include "protocol_impl.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <weir/http/partial_head.h>
#include <weir/net/deadlines.h>
#include <weir/net/stream.h>
#include <weir/proxy/session.h>

namespace weir::proto::http1 {

/// What a session waits for, and so what it means if that does not come in time.
enum class Waiting : std::uint8_t {
  nothing,
  proxy_header,   ///< the PROXY header, before the first byte of HTTP
  next_request,   ///< idle
  head,           ///< the rest of a request head
  body,           ///< more of a request body
  response,       ///< the head of the response
  response_body,  ///< more of the response
  upload,         ///< the app has to take the rest of the request, which it has responded to
  client,         ///< the client has to read what is queued for it
  cut,            ///< the same, of a response that broke off
  linger,         ///< the client has to notice that weir has closed its direction
};

/// What becomes of the client's connection after an exchange.
enum class Afterwards : std::uint8_t {
  keep,    ///< it may carry the next request
  close,
  linger,  ///< closed too, but the client may still be sending: see RFC 9112 section 9.6
  reset,   ///< so that the client cannot take a cut answer for a whole one
};

/// One client connection: cuts what comes in into requests, has one exchange at a time carry each, in order.
/// Between requests it holds no buffer. HOT PATH.
class Session final : public proxy::Session, private net::StreamOwner, private net::Deadline {
 public:
  Session(Http1& http, std::size_t listener, net::Accepted accepted, bool is_over_limit);
  ~Session() override;

  void begin_drain(bool all) override;
  void abort() override;

  // For the exchange.
  net::Stream& client() { return client_; }
  const std::string& client_host() const { return client_host_; }
  std::size_t listener() const { return listener_; }
  bool has_client_ended() const { return has_client_ended_; }
  /// Something came after the request at hand.
  bool has_pending() const { return !pending_.empty(); }
  /// The connection to the app that is this client's own, null where there is none to that pool.
  std::unique_ptr<proxy::UpstreamConnection> take_bound(const proxy::UpstreamPool& pool);
  /// Keeps a connection that is authenticated for this client.
  void bind(proxy::UpstreamPool& pool, std::unique_ptr<proxy::UpstreamConnection> connection);
  void wait_for(Waiting what, TimePoint now, Nanos limit);
  bool waits_for(Waiting what) const { return waiting_ == what; }
  void wait_for_nothing();
  /// Bytes that came after the request; a tunnel takes them over.
  std::string take_pending();
  /// The exchange is through and is given back: it does nothing after this call.
  void exchange_over(Afterwards afterwards, TimePoint now);

 private:
  void on_data(net::Stream& stream, std::span<char> data) override;
  void on_end(net::Stream& stream) override;
  void on_failed(net::Stream& stream, int error) override;
  void on_drained(net::Stream& stream) override;
  void on_peer_ended(net::Stream& stream) override;
  void on_deadline() override;

  void read_proxy_header(std::span<char> data, TimePoint now);
  /// What has been read of it so far is `data`.
  void begin_http(std::span<char> data, TimePoint now);
  /// `came`: when `data` was read from the client.
  void read_requests(std::span<char> data, TimePoint came, TimePoint now);
  void read_pending(TimePoint now);
  void keep_partial_head(std::span<char> data, TimePoint now);
  void hold(std::span<char> data, TimePoint came);
  /// `head`: what there is of it.
  void refuse(std::string_view head, Fault fault, const char* reason, TimePoint now);
  void linger(TimePoint now, Nanos limit);
  void close();

  Http1& http_;
  net::Stream client_;
  std::string client_host_;
  std::unique_ptr<Exchange> exchange_;
  std::string pending_;        ///< a head that is not whole yet, or what came after the request at hand
  TimePoint held_since_;       ///< when the first byte of `pending_` came, where that is more than a partial head
  std::vector<std::unique_ptr<BoundConnection>> bound_;
  TimePoint head_begun_;       ///< when the first byte of a head came that is not whole yet
  http::PartialHead partial_head_;  ///< when to parse `pending_` again
  std::uint32_t listener_;
  std::uint32_t lingered_bytes_ = 0;
  Waiting waiting_ = Waiting::nothing;
  bool is_over_limit_ : 1;
  bool has_client_ended_ : 1 = false;
  bool is_reading_requests_ : 1 = false;
  bool has_skipped_line_ : 1 = false;
  bool has_served_ : 1 = false;
  bool is_closed_ : 1 = false;
};

}  // namespace weir::proto::http1
