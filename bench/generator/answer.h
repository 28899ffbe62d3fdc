#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace generator {

/// Finds the end of one HTTP/1.1 answer in what a connection reads. It trusts the server: it measures, it does not judge.
class Answer {
 public:
  void start() { *this = Answer(); }

  /// Takes what was read; more than the answer is not expected, since the next request has not been sent.
  void feed(std::string_view data);
  /// The connection has ended: that is the end of an answer that names no length.
  void end_with_connection();

  bool is_done() const { return state_ == State::done; }
  bool is_broken() const { return state_ == State::broken; }
  bool has_begun() const { return has_begun_; }
  bool closes() const { return closes_; }
  int status() const { return status_; }
  std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  enum class State : std::uint8_t { head, body, until_close, chunk_size, chunk_data, chunk_end, trailer, done, broken };

  void read_head();
  std::string_view take_chunked(std::string_view data);
  bool take_line(std::string_view& data);

  State state_ = State::head;
  bool has_begun_ = false;
  bool closes_ = false;
  int status_ = 0;
  std::string text_;          ///< a head, or a line of the chunked coding, that is not whole yet
  std::uint64_t left_ = 0;    ///< of the body or of the chunk at hand
  std::uint64_t body_bytes_ = 0;
};

}  // namespace generator
