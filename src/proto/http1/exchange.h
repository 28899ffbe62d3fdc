#pragma once

#include "body_reader.h"
#include "exchange_state.h"
#include "head_writer.h"
#include "protocol_impl.h"
#include "session.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <weir/http/head.h>
#include <weir/http/partial_head.h>
#include <weir/net/reaper.h>
#include <weir/net/stream.h>
#include <weir/proxy/exchange.h>
#include <weir/proxy/upstream_pool.h>

namespace weir::proto::http1 {

/// A peer that may rightly be silent is asked by the kernel after so long whether it still lives.
inline constexpr Nanos kProbePeerAfter = 60s;

/// One request and its response, from the head that was read to the last byte given to the client: chooses the upstream,
/// carries both bodies with back-pressure, responds itself where the upstream cannot, and has it recorded.
///
/// Its state is two states, one a direction: Upload and Download (exchange_state.h), whose transitions are checked. Every
/// event ends in `settle`, which finds out whether the exchange is through and arms the one deadline that fits its state.
///
/// The request side is request_side.cc, the response side response_side.cc, what the response says of itself said.cc,
/// what follows a 101 tunnel.cc, deadlines and departures waiting.cc, all ways to end endings.cc. Every call may end the
/// exchange; its caller touches nothing of it afterwards. The object itself is kept for reuse, so that this is a matter
/// of order, not of memory. HOT PATH.
class Exchange final : public net::Reapable,
                       private proxy::Exchange,
                       private proxy::ConnectionWaiter,
                       private net::StreamOwner {
 public:
  explicit Exchange(Http1& http);
  ~Exchange() override;

  /// When a request came: its first byte, and when those before it on its connection had been served, the later one.
  struct Arrival {
    TimePoint first_byte;
    TimePoint turn;
  };

  /// Begins with a head and what followed it. Returns how many bytes of that belong to the request.
  std::size_t begin(Session& session, const http::RequestHead& head, std::span<char> after_head, Arrival arrival,
                    TimePoint now, bool is_over_limit);
  /// Begins and ends with the refusal of something that is no request. `is_head`: as far as can be seen it was to be
  /// HEAD.
  void begin_refused(Session& session, Fault fault, std::string_view reason, bool is_head, Arrival arrival,
                     TimePoint now);

  /// More from the client. Returns how many bytes of it belong to the request.
  std::size_t take_request_bytes(std::span<char> data, TimePoint now);
  bool is_request_done() const { return request_body_.is_done(); }

  bool is_tunnel() const { return download_ == Download::tunnel; }
  void tunnel_from_client(std::span<char> data);

  /// The client has ended its direction, and all that it sent before was read.
  void on_client_ended(TimePoint now);
  /// The same, noticed while nothing is read from it: bytes may lie before the end.
  void on_client_ended_unread(TimePoint now);
  void on_client_failed(TimePoint now);
  void on_client_drained(TimePoint now);
  void on_timeout(Waiting waiting, TimePoint now);
  /// weir ends it: shutting down.
  void on_aborted(TimePoint now);

 private:
  // Request side.
  void start(Session& session, Arrival arrival, TimePoint now);
  /// Whether the request has been through this very weir before. Notes what else the fields say of its connection.
  bool scan_fields(const http::RequestHead& head);
  void note_texts(const http::RequestHead& head);
  void write_head(const http::RequestHead& head);
  void send_first(std::string_view forward, std::string_view tail, TimePoint now);
  void ask_for_connection(proxy::UpstreamServer* to, TimePoint now);
  /// Why the request is sent again.
  enum class Retry : std::uint8_t {
    not_sent,  ///< nothing of it has reached the app
    stale,     ///< the app may have had it, but ended a kept connection without a response: no fault of the app
    failed,    ///< the app may have had it and failed
  };
  bool take_retry(Retry why);
  void ask_again(Retry why, TimePoint now);
  bool try_again(Retry why, TimePoint now);
  Retry lost_connection() const;
  void attach(std::unique_ptr<proxy::UpstreamConnection> connection, TimePoint now);
  void send(std::span<const iovec> parts, bool is_first, TimePoint now);
  void send_kept(TimePoint now);
  void keep_body(std::span<const iovec> parts);
  void refuse_request(Fault fault, std::string_view detail, TimePoint now);
  std::string body_too_long() const;
  void hold_client();
  void discard_request();
  void end_hold(TimePoint now);
  void on_place(TimePoint now) override;
  void on_connection(std::unique_ptr<proxy::UpstreamConnection> connection) override;
  void on_no_connection(Fault fault, ServerId server, std::string_view reason) override;

  // Response side.
  void on_data(net::Stream& stream, std::span<char> data) override;
  void on_end(net::Stream& stream) override;
  void on_failed(net::Stream& stream, int error) override;
  void on_drained(net::Stream& stream) override;
  void on_peer_ended(net::Stream&) override {}
  void read_more_of_head(std::span<char> data, TimePoint now);
  void read_response_heads(std::span<char> data, TimePoint now);
  bool forward_interim(const http::ResponseHead& head, TimePoint now);
  void begin_response(const http::ResponseHead& head, std::span<char> body, TimePoint now);
  void relay_response(std::string_view head, std::span<char> data, TimePoint now);
  void end_response(bool is_queued, TimePoint received, TimePoint now);
  void response_given(TimePoint now);
  bool is_renewed(TimePoint now);
  void upstream_gone(Fault fault, std::string_view detail, TimePoint now);
  std::string_view response_time_name() const;
  std::string_view response_time();

  // What the response says of itself.
  void note_said(const http::ResponseHead& head);
  void note_said_in_trailers(std::string_view trailers);
  std::string_view own_timing(TimePoint now);

  // Tunnel.
  void begin_tunnel(const http::ResponseHead& head, std::span<char> rest, TimePoint now);
  void tunnel_from_upstream(std::span<char> data);
  void tunnel_side_ended(TunnelEnds side, TimePoint now);
  void tunnel_side_takes_no_more(TunnelEnds side, TimePoint now);
  void app_broke_tunnel(TimePoint now);
  void end_tunnel_if_through(TimePoint now);
  void end_tunnel(Fault fault, TimePoint now);
  void probe_peers();

  // Waiting.
  void settle(TimePoint now);
  void wait(TimePoint now);
  void wait_for_app(Waiting what, Nanos limit, TimePoint now);
  void wait_for_client(TimePoint now);
  bool has_come(Waiting waiting);
  void client_left(TimePoint now);
  bool outlives_client_end() const;

  // Endings.
  void move(Upload to);
  void move(Download to);
  /// weir's own response where nothing of one was sent, else what there is of one is cut short.
  void fail(Fault fault, std::string_view detail, TimePoint now);
  void cut(TimePoint now);
  void reply_locally(Fault fault, std::string_view detail, TimePoint now);
  void release_connection(TimePoint now);
  void drop_connection();
  void leave_app();
  void record(TimePoint now);
  void over(Afterwards afterwards, TimePoint now);

  net::Stream& client() { return session_->client(); }

  Http1& http_;
  Session* session_ = nullptr;
  proxy::UpstreamPool* pool_ = nullptr;
  UpstreamId upstream_{};
  std::unique_ptr<proxy::UpstreamConnection> connection_;
  std::uint64_t balance_key_ = 0;

  HeadBuffer head_;          ///< the request head as it goes to the upstream; the texts point into it
  std::string kept_body_;    ///< what of the body came with the head, until it is sent or while it may be sent again
  std::string more_texts_;   ///< texts that are not in `head_`
  std::string partial_head_; ///< of the response, until it is whole
  http::PartialHead when_to_parse_;  ///< `partial_head_` again
  std::array<char, Http1::kRequestIdSize> request_id_;
  std::array<char, 24> response_time_;
  HeadBuffer said_timing_;   ///< what the response says of itself: its head is gone when the record is made
  HeadBuffer said_cache_;
  std::array<char, 96> own_timing_;

  BodyReader request_body_;
  BodyReader response_body_;
  std::uint64_t body_limit_ = 0;
  std::uint64_t body_size_ = 0;  ///< octets of the request body so far; `bytes_in` ends with the record
  std::size_t untaken_ = 0;      ///< what the side that is waited for had yet to take when the wait began
  TimePoint held_since_;         ///< since when the client waits with its body for the app
  TimePoint progress_;           ///< when a client that is given the rest of a cut response last took some of it
  std::uint32_t retries_left_ = 0;
  std::uint32_t interim_responses_ = 0;
  ServerId avoid_ = kNoServer;
  Upload upload_ = Upload::held;
  Download download_ = Download::awaited;
  TunnelEnds tunnel_ends_ = TunnelEnds::none;
  TunnelEnds tunnel_deaf_ = TunnelEnds::none;  ///< sides that take nothing more

  // What the request and the response are like.
  bool is_head_request_ : 1 = false;
  bool brought_request_id_ : 1 = false;
  bool wants_upgrade_ : 1 = false;
  bool expects_continue_ : 1 = false;   ///< the client may be waiting for a 100 before it sends the body
  bool is_stream_route_ : 1 = false;
  bool is_bound_ : 1 = false;           ///< the app's connection is authenticated: it serves this client alone
  bool ends_by_closing_ : 1 = false;    ///< the client finds the end of the response by the end of its connection
  bool can_send_again_ : 1 = false;     ///< `head_` and `kept_body_` are all of the request that there has been
  bool client_closes_ : 1 = false;      ///< the client's connection ends with this response
  bool upstream_persists_ : 1 = false;  ///< the app's does not
};

}  // namespace weir::proto::http1
