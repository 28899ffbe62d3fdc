#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <weir/net/endpoint.h>

namespace weir::chaos {

/// A socket that never blocks, over TCP or Unix.
class Socket {
 public:
  enum class Outcome : std::uint8_t { some, nothing, ended, broken };
  struct Options {
    int receive_buffer = 0;  ///< 0: the system's own
    int send_buffer = 0;
    int segment = 0;  ///< of TCP: small ones keep the kernel's buffers small
  };

  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() { close(); }

  /// Not open where the connection was refused at once.
  static Socket connect(const net::Endpoint& to, const Options& options);
  /// Port 0: the kernel chooses. The socket is bound and does not listen yet.
  static Socket bind(const std::string& host, std::uint16_t port, const Options& options);
  static Socket bind(const std::string& unix_path);

  void listen(int backlog);
  /// Connections are refused until it listens again. A Unix socket is closed by it.
  void stop_listening();
  /// Not open where there is none to accept.
  Socket accept();

  bool is_open() const { return fd_ >= 0; }
  std::uint16_t port() const;
  /// Some: `taken` of `bytes` went in.
  Outcome send(std::string_view bytes, std::size_t& taken);
  /// Some: appended to `into`, at most `limit` bytes.
  Outcome receive(std::string& into, std::size_t limit);
  /// Bytes that came and were not read: then a close is a reset.
  bool has_unread() const;
  /// weir has not closed its side, as far as the kernel has heard. Of a Unix socket it is heard only once all is read.
  bool is_established() const;
  void half_close();
  void close();
  void reset();

 private:
  int fd_ = -1;
};

}  // namespace weir::chaos
