#pragma once

#include "body.h"
#include "model.h"
#include "socket.h"

#include <cstdint>
#include <deque>
#include <string>

namespace weir::chaos {

/// What a client is like. Weights are against one another.
struct Temper {
  unsigned sends = 40;
  unsigned reads = 40;
  unsigned asks = 20;
  unsigned leaves = 1;
  unsigned waits = 20;       ///< does nothing
  std::size_t pipeline = 1;  ///< requests under way at once
  std::size_t most_requests = 6;
  unsigned uploads = 30;  ///< percent of the requests that have a body
  std::size_t largest_body = 20'000;
  std::size_t largest_piece = 1 << 20;  ///< sent at once
  unsigned oddities = 4;                ///< percent of the requests that are to be refused
  Socket::Options socket;
};

/// One connection of a client. Each call of `act` does one random thing; all it gets back is checked against the model.
class Client {
 public:
  Client(Model& model, std::uint32_t number, const net::Endpoint& to, const Temper& temper);

  void act();
  /// Sends something if there is anything to send, else does one random thing.
  void push();
  bool is_over() const { return !socket_.is_open(); }
  /// The request whose response is awaited; 0 if there is none.
  std::uint32_t awaited() const { return awaiting_.empty() ? 0 : awaiting_.front(); }
  /// One plain GET and no more.
  void ask_plainly();
  /// Responses read as they should be, to the end.
  std::uint32_t served() const { return served_; }
  const std::string& name() const { return name_; }
  std::uint32_t number() const { return number_; }
  std::string describe() const;

 private:
  enum class State : std::uint8_t { head, body, local_body, tunnel, closing };
  struct Sending {
    std::uint32_t request;
    std::uint64_t begin;
    std::uint64_t end;
  };

  void ask();
  void ask_oddly();
  std::uint64_t add_body(Request& request, std::size_t size);
  void commit(Request& request, std::uint64_t begin);
  void send(std::size_t limit);
  void note_sent();
  void read(std::size_t limit);
  void leave();
  void finish();
  void parse();
  bool parse_head();
  void interim(const std::string& head, int status);
  void local_reply(const std::string& head, int status);
  void from_app(const std::string& head, int status);
  void end_of_response();
  void end_of_local_reply();
  void connection_ended(bool is_clean);
  [[noreturn]] void violated(const std::string& text);

  Model& model_;
  const std::uint32_t number_;
  const std::string name_;
  const bool is_unix_;
  const Temper temper_;
  Socket socket_;

  std::string out_;            ///< not sent yet
  std::uint64_t sent_ = 0;     ///< bytes in all
  std::uint64_t barrier_ = 0;  ///< nothing beyond is sent before an interim response came, or patience ended; 0: none
  std::deque<Sending> sending_;
  std::deque<std::uint32_t> awaiting_;
  std::size_t asked_ = 0;
  bool asks_no_more_ = false;
  bool is_half_closed_ = false;
  bool was_reset_ = false;

  std::string in_;
  State state_ = State::head;
  Body body_;
  std::uint32_t response_ = 0;  ///< being read
  std::string local_body_;
  std::size_t local_left_ = 0;
  std::size_t spared_ = 0;  ///< bytes that may follow the last response
  bool is_last_ = false;    ///< the response said that the connection ends with it
  std::uint32_t served_ = 0;
  std::uint32_t odd_ = 0;  ///< requests that bear no name weir could read
  std::uint32_t tunnel_request_ = 0;
  std::uint64_t tunnel_sent_ = 0;
};

}  // namespace weir::chaos
