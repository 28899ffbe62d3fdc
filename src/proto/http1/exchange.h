#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <weir/http/head.h>
#include <weir/net/reaper.h>
#include <weir/net/stream.h>
#include <weir/proxy/exchange.h>
#include <weir/proxy/upstream_pool.h>

#include "body_reader.h"
#include "head_writer.h"
#include "protocol_impl.h"
#include "session.h"

namespace weir::proto::http1 {

/// One request and its answer, from the head that was read to the last byte given to the client: chooses the upstream,
/// carries both bodies with back-pressure, answers itself where the upstream cannot, and has it recorded.
///
/// The request side is request_side.cc, the response side response_side.cc, what the answer says of itself said.cc,
/// what follows a 101 tunnel.cc, all ways to end endings.cc. Every call may end the exchange; whoever makes one touches
/// nothing of it afterwards. The object itself is kept for reuse, so that this is a matter of order, not of memory. HOT
/// PATH.
class Exchange final : public net::Reapable,
                       private proxy::Exchange,
                       private proxy::ConnectionWaiter,
                       private net::StreamOwner {
 public:
  explicit Exchange(Http1& http);
  ~Exchange() override;

  /// Begins with a head and what followed it. Returns how many bytes of that belong to the request.
  std::size_t begin(Session& session, const http::RequestHead& head, std::span<char> after_head, TimePoint first_byte,
                    TimePoint now, bool is_over_limit);
  /// Begins and ends with the refusal of something that is no request. `is_head`: as far as can be seen it was to be
  /// HEAD.
  void begin_refused(Session& session, Fault fault, std::string_view reason, bool is_head, TimePoint first_byte,
                     TimePoint now);

  /// More from the client. Returns how many bytes of it belong to the request.
  std::size_t take_request_bytes(std::span<char> data, TimePoint now);
  bool is_request_done() const { return request_body_.is_done(); }

  bool is_tunnel() const { return is_tunnel_; }
  void tunnel_from_client(std::span<char> data);

  void on_client_ended(TimePoint now);
  void on_client_failed(TimePoint now);
  void on_client_drained(TimePoint now);
  void on_timeout(Waiting waiting, TimePoint now);
  /// weir ends it: shutting down.
  void on_aborted(TimePoint now);

 private:
  // Request side.
  void start(Session& session, TimePoint first_byte, TimePoint now);
  void note_texts(const http::RequestHead& head);
  void write_head(const http::RequestHead& head, std::string_view fallback_host);
  void send_first(std::string_view forward, std::string_view tail, TimePoint now);
  void ask_for_connection(proxy::UpstreamServer* to, TimePoint now);
  bool take_retry();
  void ask_elsewhere(TimePoint now);
  void attach(std::unique_ptr<proxy::UpstreamConnection> connection, TimePoint now);
  void send(std::span<const iovec> parts, bool is_first, TimePoint now);
  void send_kept(TimePoint now);
  void keep_body(std::span<const iovec> parts);
  void wait_for_more(TimePoint now);
  void wait_for_response(TimePoint now);
  void wait_for_client(TimePoint now);
  void end_of_discarded_request(TimePoint now);
  bool try_again(bool nothing_was_sent, TimePoint now);
  void on_place(TimePoint now) override;
  void on_connection(std::unique_ptr<proxy::UpstreamConnection> connection) override;
  void on_no_connection(Fault fault, ServerId server, std::string_view reason) override;

  // Response side.
  void on_data(net::Stream& stream, std::span<char> data) override;
  void on_end(net::Stream& stream) override;
  void on_failed(net::Stream& stream, int error) override;
  void on_drained(net::Stream& stream) override;
  void read_response_heads(std::span<char> data, TimePoint now);
  bool forward_interim(const http::ResponseHead& head, TimePoint now);
  void begin_response(const http::ResponseHead& head, std::span<char> body, TimePoint now);
  void relay_response(std::string_view head, std::span<char> data, TimePoint now);
  void end_response(bool is_queued, TimePoint received, TimePoint now);
  void response_given(TimePoint now);
  void upstream_gone(Fault fault, std::string_view detail, TimePoint now);
  std::string_view response_time_name() const;
  std::string_view response_time();

  // What the answer says of itself.
  void note_said(const http::ResponseHead& head);
  void note_said_in_trailers(std::string_view trailers);
  std::string_view own_timing(TimePoint now);

  // Tunnel.
  void begin_tunnel(const http::ResponseHead& head, std::span<char> rest, TimePoint now);
  void tunnel_from_upstream(std::span<char> data);
  void tunnel_side_ended(bool is_client, TimePoint now);
  void end_tunnel_if_through(TimePoint now);
  void end_tunnel(Fault fault, TimePoint now);
  void probe_peers();

  // Endings.
  /// weir's own answer where nothing of one was sent, else the client's connection is cut.
  void fail(Fault fault, std::string_view detail, TimePoint now);
  void cut(Fault fault, TimePoint now);
  void reply_locally(Fault fault, std::string_view detail, TimePoint now);
  void release_connection(TimePoint now);
  void drop_connection();
  void record(TimePoint now);
  void over(Afterwards afterwards, TimePoint now);

  net::Stream& client() { return session_->client(); }

  Http1& http_;
  Session* session_ = nullptr;
  proxy::UpstreamPool* pool_ = nullptr;
  std::unique_ptr<proxy::UpstreamConnection> connection_;
  std::uint64_t balance_key_ = 0;

  HeadBuffer head_;          ///< the request head as it goes to the upstream; the texts point into it
  std::string kept_body_;    ///< what of the body came with the head, until it is sent or while it may be sent again
  std::string more_texts_;   ///< texts that are not in `head_`
  std::string partial_head_; ///< of the answer, until it is whole
  std::array<char, Http1::kRequestIdSize> request_id_;
  std::array<char, 24> response_time_;
  HeadBuffer said_timing_;   ///< what the answer says of itself: its head is gone when the record is made
  HeadBuffer said_cache_;
  std::array<char, 96> own_timing_;

  BodyReader request_body_;
  BodyReader response_body_;
  std::uint64_t body_limit_ = 0;
  std::size_t untaken_ = 0;  ///< what the side that is waited for had yet to take when the wait began
  std::uint32_t retries_left_ = 0;
  std::uint32_t interim_answers_ = 0;
  ServerId avoid_ = kNoServer;
  std::uint8_t client_minor_version_ = 1;
  bool is_head_request_ : 1 = false;
  bool brought_request_id_ : 1 = false;
  bool wants_upgrade_ : 1 = false;
  bool is_tunnel_ : 1 = false;
  bool can_send_again_ : 1 = false;    ///< `head_` and `kept_body_` are all of the request that there has been
  bool is_sendable_ : 1 = true;        ///< the upstream still takes bytes
  bool discards_request_ : 1 = false;  ///< nobody wants the rest of the request: read it and throw it away
  bool has_response_begun_ : 1 = false;  ///< something of a final answer went to the client
  bool is_response_done_ : 1 = false;
  bool is_recorded_ : 1 = false;
  bool client_closes_ : 1 = false;     ///< the client's connection ends with this answer
  bool upstream_persists_ : 1 = false;
  bool client_side_ended_ : 1 = false;    ///< of a tunnel
  bool upstream_side_ended_ : 1 = false;
  Fault cut_after_drain_ = Fault::none;
};

}  // namespace weir::proto::http1
