#pragma once

#include <optional>
#include <string>
#include <vector>

#include <weir/net/listener.h>
#include <weir/net/loop.h>
#include <weir/net/socket_address.h>
#include <weir/net/stream.h>
#include <weir/net/timer.h>
#include <weir/net/tls.h>

namespace weir::lab {

/// One end of a connection, which remembers what it is told.
class Party : public net::StreamOwner {
 public:
  explicit Party(net::Loop& loop) : stream(loop, *this) {}
  Party(net::Loop& loop, net::Accepted accepted) : stream(loop, *this, std::move(accepted)) {}
  virtual ~Party() = default;

  void on_data(net::Stream&, std::span<char> data) override { received.append(data.data(), data.size()); }
  void on_end(net::Stream&) override { has_ended = true; }
  void on_failed(net::Stream&, int error) override { failure = error; }
  void on_drained(net::Stream&) override { ++drained; }
  void on_connected(net::Stream& connected, int error) override {
    connection = error;
    if (error == 0) connected.start_reading();
  }

  bool is_connected() const { return connection == 0; }

  net::Stream stream;
  std::string received;
  std::optional<int> connection;  ///< outcome of connecting
  std::optional<int> failure;
  bool has_ended = false;
  int drained = 0;
};

/// A loop with a listener on loopback whose connections become TLS parties (plain ones without a context).
class House {
 public:
  explicit House(net::TlsServerContextPtr context);

  /// Begins to connect to the listener, in TLS where there is a context.
  Party& call(net::TlsClientContextPtr context, const std::string& server_name = "localhost");
  Party& call(std::uint16_t port, net::TlsClientContextPtr context, const std::string& server_name = "localhost");
  /// The party at the listener's end of the newest connection. Waits for it.
  Party& answerer();
  /// How many connections the listener has taken, and its party of the last one.
  std::size_t answered() const { return answerers_.size(); }
  Party* newest() { return answerers_.empty() ? nullptr : answerers_.back().get(); }
  std::uint16_t port() const { return listener_->endpoint().port; }

  /// Turns the loop until the condition holds; false if that takes too long. The condition is asked again at least
  /// every few milliseconds, for what happens on other threads.
  template <class Condition>
  bool run_until(Condition condition) {
    constexpr Nanos kStep = 5ms;
    ticks_ = 0;
    tick_.start(kStep, kStep);
    while (!condition() && ticks_ < 60s / kStep) loop.turn(true);
    tick_.stop();
    return condition();
  }

  net::Loop loop;

 private:
  net::TlsServerContextPtr context_;
  std::int64_t ticks_ = 0;
  net::Timer tick_{loop, [this] { ++ticks_; }};
  std::vector<std::unique_ptr<Party>> callers_;
  std::vector<std::unique_ptr<Party>> answerers_;
  std::optional<net::Listener> listener_;
};

}  // namespace weir::lab
