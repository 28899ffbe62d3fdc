#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include <openssl/types.h>

namespace weir::lab {

/// The other end, done with OpenSSL alone and blocking calls on a thread of its own, so that it can behave as no Stream
/// would. Everything it does is over when `wait` returns.
class RawPeer {
 public:
  /// Connects to a port of loopback.
  static RawPeer client(std::uint16_t port, std::function<void(int fd)> life);
  /// Takes one connection on a port that the kernel chooses.
  static RawPeer server(std::function<void(int fd)> life);

  RawPeer(RawPeer&&) = default;
  RawPeer& operator=(RawPeer&&) = delete;
  ~RawPeer() { wait(); }

  std::uint16_t port() const { return port_; }
  void wait() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  RawPeer(std::uint16_t port, std::thread thread) : port_(port), thread_(std::move(thread)) {}

  std::uint16_t port_;
  std::thread thread_;
};

/// The last error in OpenSSL's queue of this thread, in its words.
std::string last_openssl_error();

}  // namespace weir::lab
