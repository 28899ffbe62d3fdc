#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace weir::testing {

/// A message as a plain reader cuts it out of a connection.
struct Message {
  std::string head;  ///< with its empty line
  std::string body;  ///< as it came, chunk framing included
  bool is_whole = false;

  int status() const { return head.size() < 12 ? 0 : std::stoi(head.substr(9, 3)); }
  /// Value of the first field of that name, written exactly so; empty if there is none.
  std::string field(std::string_view name) const;
  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

/// A blocking TCP socket for tests. No read waits longer than `kPatience`: a test that would hang fails instead.
class Wire {
 public:
  enum class End : std::uint8_t { open, closed, reset, silent };
  static constexpr int kPatienceMs = 5000;

  explicit Wire(int fd);
  Wire(Wire&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)), end_(other.end_) {}
  Wire& operator=(Wire&&) = delete;
  ~Wire() { close(); }

  static Wire connect(std::uint16_t port, int receive_buffer = 0);

  /// False where the peer takes no more.
  bool send(std::string_view bytes);
  /// As much as goes into the socket until it has taken nothing for `idle_ms`. Returns how much that was.
  std::size_t send_until_stuck(std::string_view block, std::size_t limit, int idle_ms);

  /// Up to and with `mark`; less only where the connection ends first (see `end`).
  std::string read_through(std::string_view mark);
  std::string read_exactly(std::size_t size);
  std::string read_to_end();
  /// What comes within `ms`, as a rule nothing.
  std::string read_for(int ms);

  /// A request or a response: its end is found from Content-Length, chunks or, for a response, the connection's end.
  Message read_message(bool has_body = true);
  /// The head alone; what follows it stays to be read.
  Message read_head() { return {.head = read_through("\r\n\r\n"), .body = {}, .is_whole = end_ == End::open}; }

  void half_close();
  /// RST in place of FIN.
  void reset();
  void close();
  End end() const { return end_; }
  int fd() const { return fd_; }

 private:
  bool fill(int patience_ms);
  std::string take(std::size_t size);

  int fd_;
  std::string buffer_;
  End end_ = End::open;
};

/// A bound socket. Where it does not listen, connections to it are refused and nobody else gets its port.
class Port {
 public:
  explicit Port(int backlog);  ///< below 0: does not listen
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  std::uint16_t number() const { return number_; }
  int fd() const { return fd_; }

 private:
  int fd_;
  std::uint16_t number_ = 0;
};

/// `data` in chunks of `size`, with the last chunk.
std::string chunked(std::string_view data, std::size_t size, std::string_view trailers = {});
/// The data of a chunked body.
std::string unchunked(std::string_view body);

}  // namespace weir::testing
