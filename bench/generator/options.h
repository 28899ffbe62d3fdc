#pragma once

#include <cstdint>
#include <string>

namespace generator {

/// What to send, how often, for how long. Defaults in place; `read` fills in the command line or says what is wrong.
struct Options {
  double rate = 0;                ///< requests a second, whatever the answers do; 0: each connection sends when it is free
  std::uint32_t connections = 1;
  double seconds = 5;             ///< how long requests are sent
  std::uint64_t requests = 0;     ///< how many at most; 0: as many as the time allows
  std::uint64_t body_bytes = 0;   ///< above 0: POST with a body of that size
  std::uint64_t distinct = 1;     ///< `{n}` in the path counts from 0 up to this, over and over
  std::uint64_t first = 0;        ///< where `{n}` begins
  bool closes = false;            ///< a new connection for every request
  std::uint32_t hold = 0;         ///< above 0: open so many, one request each, and keep them until stdin ends
  std::string host = "127.0.0.1";
  std::string port = "80";
  std::string path = "/";
  std::string host_header;        ///< empty: HOST:PORT

  /// Ends the program with a usage line and status 2 where it cannot be read.
  static Options read(int count, char** arguments);
};

}  // namespace generator
