#pragma once

#include "message.h"
#include "read_request.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <weir/admin/server.h>
#include <weir/http/chunked.h>
#include <weir/http/head_parser.h>
#include <weir/http/partial_head.h>
#include <weir/net/deadlines.h>
#include <weir/net/reaper.h>
#include <weir/net/stream.h>

namespace weir::admin {

class Session;

/// Who serves the requests that sessions read.
class SessionHost {
 public:
  /// The head is there, the body is not: an answer refuses the request, else it learns who makes it.
  virtual std::optional<Answer> refuse(Request& request) = 0;
  /// Bytes of a body that a request may have.
  virtual std::size_t body_limit(const Request& request) const = 0;
  /// The whole request. `session.answer` once, now or later.
  virtual void handle(Session& session, Request request) = 0;
  /// The session is over; it must not be destroyed before the turn's end.
  virtual void remove(Session& session) = 0;

 protected:
  ~SessionHost() = default;
};

/// One connection of the admin API: HTTP/1.1 (RFC 9112), requests one after the other, pipelined ones in order.
/// Everything is bounded: what is buffered, how long each part may take.
class Session final : public net::Reapable, public net::StreamOwner, public net::Deadline, private LiveWriter {
 public:
  struct Parts {
    net::Loop& loop;
    net::Deadlines& deadlines;
    const AdminFields& fields;
    const SessionLimits& limits;
    net::TlsServerContextPtr tls;  ///< null: plain HTTP
    SessionHost& host;
  };

  Session(const Parts& parts, net::Accepted accepted, std::uint64_t id);
  /// Begins to read; may call the host.
  void start();

  /// The answer to the request that `handle` was called with.
  void answer(const Answer& answer);
  /// Ends a live answer as a whole one; another is left as it is.
  void end_live();
  void close();

  std::uint64_t id() const { return id_; }
  /// Waiting for a request of which nothing has come yet, since when.
  bool is_idle() const { return wait_ == Wait::request; }
  /// It is the client's turn.
  bool waits_for_client() const { return wait_ != Wait::nothing && wait_ != Wait::handler && wait_ != Wait::live; }
  bool is_live() const { return wait_ == Wait::live || wait_ == Wait::stalled; }
  /// Who made the request that is being answered.
  const Caller& caller() const { return caller_; }
  TimePoint waits_since() const { return waits_since_; }

 private:
  /// What it is waiting for; each has its deadline.
  enum class Wait : std::uint8_t { nothing, request, head, body, handler, writing, live, stalled, goodbye };

  void on_data(net::Stream& stream, std::span<char> data) override;
  void on_end(net::Stream& stream) override;
  void on_failed(net::Stream& stream, int error) override;
  void on_drained(net::Stream& stream) override;
  void on_deadline() override;

  void wait_for(Wait wait);
  void begin_tls(std::span<char> data);
  void process();
  bool read_head();
  void begin_body(bool expects_continue);
  bool read_body();
  bool read_chunks();
  void take_request(const http::RequestHead& head);
  void handle();
  void refuse(const Answer& answer, bool is_body_left);
  void fail(int status, std::string_view detail);
  void after_answer();
  void say_goodbye();
  std::string head_of(const Answer& answer) const;
  http::HeadLimits head_limits() const { return {.head_bytes = limits_.head_bytes}; }
  std::string in_own_words(std::string_view reason) const;

  void begin_live(const Answer& answer);
  Nanos time_left() const;
  bool write(std::string_view piece) override;

  std::string_view unread() const { return std::string_view(in_).substr(at_); }

  net::Deadlines& deadlines_;
  const AdminFields& fields_;
  const SessionLimits& limits_;
  SessionHost& host_;
  const std::uint64_t id_;

  net::Stream stream_;
  net::TlsServerContextPtr tls_;  ///< until it has begun
  http::HeadParser parser_;
  http::PartialHead partial_head_;  ///< when to parse what is unread again
  http::ChunkedReader chunks_;
  std::string client_;
  std::string in_;          ///< read and not yet used up from `at_` on
  std::size_t at_ = 0;
  std::size_t body_limit_ = 0;  ///< of `request_`
  Request request_;
  http::Framing framing_;
  Wait wait_ = Wait::nothing;
  TimePoint waits_since_{};
  std::shared_ptr<LiveBody> live_;
  Caller caller_;  ///< of the request that `handle` was called with last
  bool is_http10_ = false;       ///< knows no chunks
  bool is_head_only_ = false;    ///< HEAD: the answer's body is left out
  bool closes_ = false;          ///< after the answer
  bool peer_has_ended_ = false;
  bool is_processing_ = false;
};

}  // namespace weir::admin
