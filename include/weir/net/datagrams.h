#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include <weir/base/result.h>
#include <weir/net/endpoint.h>
#include <weir/net/loop.h>
#include <weir/net/readable.h>

namespace weir::net {

class SocketFile;

/// A bound datagram socket, UDP or Unix, not yet served by any loop.
class DatagramSocket {
 public:
  /// A Unix socket's stale file is removed if nobody has it.
  static Result<DatagramSocket> open(const Endpoint& endpoint);

  DatagramSocket(DatagramSocket&& other) noexcept;
  DatagramSocket& operator=(DatagramSocket&& other) noexcept;
  ~DatagramSocket();

  /// With the port that the kernel chose for port 0.
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  friend class DatagramReceiver;
  DatagramSocket(int fd, Endpoint endpoint) : fd_(fd), endpoint_(std::move(endpoint)) {}

  int fd_;
  Endpoint endpoint_;
  std::shared_ptr<const SocketFile> file_;  ///< of a Unix socket
};

/// Takes what comes to a datagram socket, a bounded number of datagrams a turn, so that a flood starves nothing else on
/// the loop: the kernel drops what its buffer has no room for, and says how many. Thread: the loop's.
class DatagramReceiver {
 public:
  static constexpr std::size_t kLongest = 64 * 1024;
  static constexpr int kMostATurn = 64;
  static constexpr int kMostAtOnce = 10'000;

  /// What it is called with lasts as long as the call. Longer datagrams than kLongest (Unix has such) are counted alone.
  using OnDatagram = std::function<void(std::string_view datagram)>;

  DatagramReceiver(Loop& loop, DatagramSocket socket, OnDatagram on_datagram);
  DatagramReceiver(const DatagramReceiver&) = delete;
  DatagramReceiver& operator=(const DatagramReceiver&) = delete;

  /// Takes now what has come by now, so that who sent it before asking something finds it in the answer. At most
  /// kMostAtOnce.
  void take_all() { take(kMostAtOnce); }

  const Endpoint& endpoint() const { return socket_.endpoint(); }
  std::uint64_t too_long() const { return too_long_; }
  /// By the kernel, which begins anew after 2^32. Of a Unix socket it drops none: the sender waits.
  std::uint64_t dropped() const;

 private:
  void take(int most);
  bool take_one();

  DatagramSocket socket_;
  OnDatagram on_datagram_;
  std::unique_ptr<char[]> buffer_;
  std::uint64_t too_long_ = 0;
  Readable readable_;  ///< goes before the socket is closed
};

}  // namespace weir::net
