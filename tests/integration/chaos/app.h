#pragma once

#include "body.h"
#include "model.h"
#include "socket.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <weir/net/loop.h>

namespace weir::chaos {

/// What the app does, in percent unless it says otherwise.
struct Habits {
  unsigned early = 20;          ///< responses that begin before the request has ended
  unsigned stops_reading = 30;  ///< of those
  unsigned large = 20;          ///< responses of `largest_body`
  std::size_t largest_body = 100'000;
  unsigned interim = 10;
  unsigned wrong = 6;        ///< framing that nobody could read, or no HTTP at all
  unsigned cut = 8;          ///< responses broken off
  unsigned deaf = 5;         ///< requests at which the connection ends without a response
  unsigned silent = 5;       ///< requests that are never responded to
  unsigned streams = 5;      ///< event streams
  unsigned closes = 15;      ///< connections that end with a response
  unsigned until_close = 8;  ///< responses that end with their connection
  unsigned sudden = 10;      ///< in 1000 acts: the connection ends
  unsigned pieces = 50;      ///< responses sent in pieces
  unsigned strays = 15;      ///< kept connections with bytes that belong to nothing; see Expectations
  unsigned unasked = 8;      ///< in 1000 acts of an idle connection: a 408; see Expectations
};

class Server;

/// One connection that weir made to the app. Each call of `act` does one random thing.
class AppConnection {
 public:
  AppConnection(Model& model, Server& server, std::uint32_t number, Socket socket);

  void act();
  /// Looks at what weir has done to it in a turn.
  void watch();
  /// For some turns the rest of a request has not come, though all of it was sent.
  bool seems_starved() const { return starved_ == 6; }
  /// So it is after all possible time: a violation.
  void check_starved();
  /// Ends the connection, whatever is under way: weir is told by FIN or by a reset.
  void end_suddenly();
  bool is_over() const { return !socket_.is_open(); }
  /// It has said all and is about to end the connection.
  bool owes_end() const { return request_ != 0 && has_begun_ && out_.empty() && !is_stream_ && then_ != Then::keep; }
  /// The request at hand; 0 if there is none.
  std::uint32_t request() const { return request_; }
  /// weir has not ended it.
  bool is_held() const { return socket_.is_open() && socket_.is_established(); }
  bool has_unread() const { return socket_.has_unread(); }
  const std::string& name() const { return name_; }

 private:
  enum class State : std::uint8_t { head, body, responding, tunnel };
  enum class Then : std::uint8_t { keep, close, reset, half_close };

  void read(std::size_t limit);
  void write(std::size_t limit);
  void parse();
  void parse_head();
  void take_body();
  void end_of_request();
  void plan_response();
  void begin_response();
  void begin_upgrade();
  void fill_a_read(std::size_t before);
  void add_body(Response& response, std::size_t size);
  void continue_stream();
  void written();
  void end_of_exchange();
  void close(Then how);
  void weir_ended(bool is_clean);
  void add_unasked();
  [[noreturn]] void violated(const std::string& text);

  Model& model_;
  Server& server_;
  const std::string name_;
  Socket socket_;
  std::string in_;
  std::string out_;
  State state_ = State::head;
  bool is_request_done_ = false;
  bool reads_ = true;
  bool is_half_closed_ = false;
  bool is_persistent_ = true;  ///< as the last response said
  std::uint32_t served_ = 0;
  std::uint32_t bound_to_ = 0;  ///< the client whose connection it is since Negotiate was offered

  std::uint32_t request_ = 0;
  Body request_body_;

  // The plan for the response to the request at hand.
  bool is_silent_ = false;
  bool has_begun_ = false;
  std::uint64_t begins_after_ = 0;  ///< octets of the request's body; all of them: ~0
  bool stops_reading_ = false;
  Then then_ = Then::keep;
  bool in_pieces_ = false;

  std::size_t starved_ = 0;     ///< turns in which the rest of a request did not come, though all of it was sent
  bool was_cut_short_ = false;  ///< weir ended the connection as the client's last bytes came

  std::uint32_t response_ = 0;
  bool is_stream_ = false;
  std::size_t strays_ = 0;  ///< bytes at the end of `out_` that belong to no response
  std::uint64_t tunnel_read_ = 0;
  std::uint64_t tunnel_written_ = 0;
};

/// One place where the app listens: on a TCP port at one or several addresses, or on a Unix socket.
class Server {
 public:
  Server(Model& model, const Habits& habits, std::uint32_t number, const std::vector<std::string>& hosts,
         const Socket::Options& options, int backlog);
  Server(Model& model, const Habits& habits, std::uint32_t number, std::string unix_path);

  void accept();
  void set_up(bool is_up);
  bool is_up() const { return is_up_; }
  bool is_unix() const { return !unix_path_.empty(); }
  std::uint16_t port() const { return port_; }
  const Habits& habits() const { return habits_; }
  const std::string& name() const { return name_; }
  std::vector<std::unique_ptr<AppConnection>>& connections() { return connections_; }

 private:
  Model& model_;
  const Habits& habits_;
  const std::string name_;
  const std::string unix_path_;
  const int backlog_;
  std::vector<Socket> sockets_;
  std::uint16_t port_ = 0;
  bool is_up_ = true;
  std::uint32_t accepted_ = 0;
  std::vector<std::unique_ptr<AppConnection>> connections_;
};

}  // namespace weir::chaos
