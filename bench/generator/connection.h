#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <uv.h>

#include "answer.h"

namespace generator {

class Connection;

/// Who is told what becomes of a request.
class ConnectionOwner {
 public:
  virtual void on_opened(Connection& connection) = 0;
  /// The answer is whole (`is_whole`), or the connection ended before it was.
  virtual void on_finished(Connection& connection, bool is_whole) = 0;

 protected:
  ~ConnectionOwner() = default;
};

/// One client connection with at most one request under way. Opens itself anew where it has been closed.
class Connection {
 public:
  Connection(uv_loop_t& loop, const sockaddr_storage& address, ConnectionOwner& owner);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void open();
  /// Sends `request`, once connected. `intended_ns` is kept for whoever asks.
  void send(std::string request, std::uint64_t intended_ns);
  void close();

  bool is_open() const { return socket_ != nullptr && is_connected_; }
  bool is_busy() const { return is_busy_; }
  std::uint64_t intended_ns() const { return intended_ns_; }
  const Answer& answer() const { return answer_; }

 private:
  struct Socket;

  void write_request();
  void on_connected(int error);
  void on_read(ssize_t count, const char* bytes);
  void finish(bool is_whole);

  uv_loop_t& loop_;
  const sockaddr_storage& address_;
  ConnectionOwner& owner_;
  Socket* socket_ = nullptr;  ///< freed by its close callback
  bool is_connected_ = false;
  bool is_busy_ = false;
  std::string request_;
  std::uint64_t intended_ns_ = 0;
  Answer answer_;
};

}  // namespace generator
