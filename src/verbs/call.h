#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/method.h>
#include <weir/http/chunked.h>
#include <weir/http/head_parser.h>
#include <weir/http/partial_head.h>
#include <weir/net/reaper.h>
#include <weir/net/resolver.h>
#include <weir/net/stream.h>
#include <weir/net/timer.h>
#include <weir/net/tls.h>
#include <weir/verbs/client.h>

namespace weir::verbs {

/// One request to the admin API over a connection of its own. Every callback comes from the loop, later than the
/// constructor; in any of them the call may be given to the reaper or cancelled, not destroyed.
class Call final : public net::Reapable, private net::StreamOwner {
 public:
  struct Hearing {
    std::function<void(int status, std::string_view content_type)> on_head;
    std::function<void(std::string_view)> on_body;  ///< piece by piece, without framing
    std::function<void(Status)> on_end;             ///< once: all is there, or what went wrong, as a clause
  };
  struct Request {
    Method method = Method::get;
    std::string target;  ///< path and query, without the prefix
    std::string accept = "application/json";
    std::string body = {};  ///< JSON; of a POST
  };

  /// `tls` is null for http. `server.timeout` bounds the time until the end; see `expect_more`.
  Call(net::Loop& loop, const Server& server, net::TlsClientContextPtr tls, const Request& request, Hearing hearing);
  ~Call() override;

  /// The body has no end: from now on `server.timeout` is no bound, but silence for `quiet` is. Zero: not even that.
  void expect_more(Nanos quiet);
  /// Lets go of everything; no callback comes any more.
  void cancel();

 private:
  void on_data(net::Stream& stream, std::span<char> data) override;
  void on_end(net::Stream& stream) override;
  void on_failed(net::Stream& stream, int error) override;
  void on_drained(net::Stream&) override {}
  void on_connected(net::Stream& stream, int error) override;

  void begin();
  void on_resolved(Result<std::vector<net::SocketAddress>> found);
  void on_time();
  void connect();
  std::string failure_of(const net::Stream& stream) const;
  void read_head(std::span<char> data);
  void read_body(std::span<char> data);
  void end(Status status);

  net::Loop& loop_;
  const Server server_;
  const net::TlsClientContextPtr tls_;
  const std::string request_;
  const Method method_;
  const Hearing hearing_;
  net::Resolver resolver_;
  net::Lookup lookup_;
  net::Timer timer_;
  Nanos quiet_{0};
  std::vector<net::SocketAddress> addresses_;
  std::vector<std::unique_ptr<net::Stream>> streams_;  ///< one for each address that was tried; the last is in use
  http::FieldTable fields_;
  http::HeadParser parser_;
  http::ChunkedReader chunks_;
  std::string head_;
  http::PartialHead partial_head_;        ///< when to parse `head_` again
  std::optional<http::Framing> framing_;  ///< of the answer, once its head is there
  std::uint64_t left_ = 0;                ///< of a body whose length is known
  bool is_begun_ = false;
  bool is_over_ = false;
};

/// `/path?name=value&...`, percent-encoded.
std::string target_of(std::string_view path, const Parameters& parameters);

}  // namespace weir::verbs
