#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include <weir/base/clock.h>
#include <weir/net/datagrams.h>
#include <weir/proto/statsd/line.h>

namespace weir::proto::statsd {

/// Reads the StatsD datagrams that come to a socket, a metric a line, and passes on what they say. Lines that it
/// cannot read, or takes without a part, it counts, and keeps the newest few of. Thread: the loop's.
class Receiver {
 public:
  using OnEvent = std::function<void(const stats::Event&)>;

  struct BadLine {
    WallTime at;
    Outcome outcome;
    std::string text;  ///< cut to kLongestShown bytes, as it came
  };
  static constexpr std::size_t kBadLinesKept = 10;
  static constexpr std::size_t kLongestShown = 200;

  Receiver(net::Loop& loop, net::DatagramSocket socket, OnEvent on_event);

  /// Takes what has come by now; see net::DatagramReceiver.
  void take_all() { datagrams_.take_all(); }
  /// One datagram's lines. As if it had come.
  void read(std::string_view datagram);

  const net::DatagramReceiver& datagrams() const { return datagrams_; }
  std::uint64_t received() const { return received_; }
  std::uint64_t lines(Outcome outcome) const { return lines_[static_cast<std::size_t>(outcome)]; }
  const std::deque<BadLine>& bad_lines() const { return bad_lines_; }  ///< newest first

 private:
  void read_line(std::string_view text);

  OnEvent on_event_;
  Line line_;
  std::uint64_t received_ = 0;
  std::array<std::uint64_t, count_of<Outcome>()> lines_{};
  std::deque<BadLine> bad_lines_;
  net::DatagramReceiver datagrams_;
};

}  // namespace weir::proto::statsd
