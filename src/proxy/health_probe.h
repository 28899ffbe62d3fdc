#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <weir/base/clock.h>
#include <weir/net/endpoint.h>
#include <weir/net/reaper.h>
#include <weir/net/resolver.h>
#include <weir/net/stream.h>
#include <weir/net/timer.h>
#include <weir/proxy/health_check_options.h>

namespace weir::proxy {

/// One look at one server: connects and, where there is something to ask, asks and reads the head of the answer.
/// Thread: the loop's.
class HealthProbe final : public net::Reapable, private net::StreamOwner {
 public:
  struct Target {
    net::Endpoint address;
    net::TlsClientContextPtr tls = {};  ///< null: no TLS
    std::string tls_name;
    std::string request;  ///< to send; empty: that it takes a connection is enough
    std::string request_name = {};    ///< what a failed check calls it: `GET /up, Host 10.0.0.5:3000`
    HealthCheckOptions options = {};  ///< which statuses are good
    Nanos timeout{};
  };
  struct Outcome {
    bool is_good = false;
    /// `200`, `connected`, `connection refused`, `400 to GET /up, Host 10.0.0.5:3000`, `no connection within 1s`
    std::string text;
    Nanos latency{};   ///< until that was known
    TimePoint begun;
  };

  /// `then` is called once, later. In it the probe may be given to the reaper.
  HealthProbe(net::Loop& loop, Target target, std::function<void(const Outcome&)> then);
  ~HealthProbe() override;

  /// Lets go of everything; `then` is not called any more.
  void cancel();

 private:
  void on_data(net::Stream& stream, std::span<char> data) override;
  void on_end(net::Stream& stream) override;
  void on_failed(net::Stream& stream, int error) override;
  void on_drained(net::Stream&) override {}
  void on_connected(net::Stream& stream, int error) override;

  void on_resolved(Result<std::vector<net::SocketAddress>> found);
  void on_time();
  void connect();
  void on_refused(std::string text);
  void read_head();
  void decide(bool is_good, std::string text);
  void decide_and_end(bool is_good, std::string text);
  void end();

  net::Loop& loop_;
  const Target target_;
  const std::function<void(const Outcome&)> then_;
  net::Resolver resolver_;
  net::Lookup lookup_;
  net::Timer timer_;
  net::Timer next_address_;  ///< tries it beside those that are pending
  std::vector<net::SocketAddress> addresses_;
  std::vector<std::unique_ptr<net::Stream>> streams_;  ///< one for each address that was tried
  std::size_t failed_ = 0;                             ///< how many of them could not connect
  bool is_asked_ = false;                              ///< the request is on its way
  std::size_t received_ = 0;
  std::string head_;
  Outcome outcome_;
  bool is_decided_ = false;
  bool is_over_ = false;
};

}  // namespace weir::proxy
