#pragma once

#include "dice.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <fmt/format.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/stats/record.h>

namespace weir::chaos {

using std::chrono::nanoseconds;

/// Checks that a known fault of weir would fail all the time. Each becomes true with the fix of its item of issue 9.
struct Expectations {
  /// Item 3: bytes after a complete response and a 408 into a kept connection never become somebody's response.
  static constexpr bool stray_bytes_are_harmless = false;
  /// Item 2: a connection on which Negotiate was offered serves one client connection only.
  static constexpr bool negotiate_binds = false;
  /// Item 1: a client that closes before its response is complete is recorded soon.
  static constexpr bool leaving_is_noticed = false;
  /// F of "It must not crash": the end of an upload reaches the app, also after an early response and on a retry.
  static constexpr bool uploads_end = false;
  /// F: `limits.body_size` holds for chunked bodies after an early response.
  static constexpr bool body_size_holds = false;
  /// No item: a client's Unix socket knows no reset, so that a response which ends with its connection looks whole where
  /// it is cut. It would have to be sent in chunks.
  static constexpr bool cuts_show_on_unix_sockets = false;
  /// No item: libuv tells an end, not a reset, where the last data and the reset come in one event (`uv__stream_io`, the
  /// short cut after POLLHUP): a response that ends with its connection then looks whole where the app broke off.
  static constexpr bool resets_are_no_ends = false;
  /// Item 4 (b): a worker ends while lookups are under way.
  static constexpr bool lookups_are_cancelled = false;
};

/// Where the bytes of a body belong. Each body is a pattern of its own, so that a byte in the wrong place shows.
enum class Role : std::uint8_t { request, response, tunnel_to_app, tunnel_to_client };

void append_pattern(std::string& out, std::uint32_t id, Role role, std::uint64_t offset, std::size_t size);
/// The index of the first byte of `data` that is not the pattern's at `offset`; npos where all are.
std::size_t first_difference(std::string_view data, std::uint32_t id, Role role, std::uint64_t offset);

/// One request as the client that sends it knows it, and what the others have seen of it.
struct Request {
  std::uint32_t id = 0;
  std::uint32_t client = 0;
  std::string method;
  std::uint64_t body = 0;
  bool is_chunked = false;
  bool is_refusable = false;  ///< made to be refused: it must never reach the app whole
  bool is_idempotent = false;
  bool wants_upgrade = false;
  bool is_begun = false;  ///< a byte of it was sent
  bool is_sent = false;   ///< all of it was sent
  bool has_client_left = false;
  std::uint64_t left_in = 0;  ///< the step of that
  nanoseconds left_at{};
  bool keeps_connection = false;  ///< nothing in it asks for the connection to end
  std::uint64_t sent_in = 0;      ///< the step in which its end was sent
  std::uint32_t heads_at_app = 0;
  std::uint32_t whole_at_app = 0;
  std::uint64_t body_limit = 0;  ///< the highest `limits.body_size` since it was begun
  int status_seen = 0;           ///< of the final response, by the client
  bool is_seen_whole = false;
  std::uint64_t octets_seen = 0;
  bool is_seen_from_app = false;
  std::uint32_t records = 0;
  stats::Record record;
};

/// One response as the app has sent it.
struct Response {
  std::uint32_t id = 0;
  std::uint32_t request = 0;
  int status = 0;
  std::uint64_t body = 0;      ///< grows with an event stream
  bool is_finished = false;    ///< no more is to be added
  bool is_written = false;     ///< all of it is in the app's socket
  bool is_broken = false;      ///< wrong on purpose, or cut: nobody may take it for a whole one
  bool needs_end = false;      ///< it is whole only with the end of the connection
  bool has_ended = false;      ///< which came, cleanly
  bool hides_its_cut = false;  ///< it ends with the connection, and weir cannot tell how that ended
};

/// What happened, newest last; bounded.
class Trace {
 public:
  void note(std::string actor, std::uint32_t request, std::string text);
  void begin_step(std::uint64_t step) { step_ = step; }
  std::uint64_t step() const { return step_; }
  void clear() { entries_.clear(); }
  /// The last events of `actor` or `request`, then the last of all.
  std::string of(std::string_view actor, std::uint32_t request) const;
  void set_loud(bool is_loud) { is_loud_ = is_loud; }

 private:
  struct Entry {
    std::uint64_t step;
    std::string actor;
    std::uint32_t request;
    std::string text;
  };
  static std::string line(const Entry& entry);

  std::deque<Entry> entries_;
  std::uint64_t step_ = 0;
  bool is_loud_ = false;
};

/// weir did what it must not do.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// All that the actors of an episode share.
struct Model {
  explicit Model(std::uint64_t seed) : dice(seed) {}

  Request& new_request();
  Response& new_response();
  /// Null where there is none of that number.
  Request* request(std::uint32_t id) { return id == 0 || id > requests.size() ? nullptr : &requests[id - 1]; }
  Response* response(std::uint32_t id) { return id == 0 || id > responses.size() ? nullptr : &responses[id - 1]; }

  template <class... Args>
  void note(const std::string& actor, std::uint32_t request_id, fmt::format_string<Args...> text, Args&&... args) {
    trace.note(actor, request_id, fmt::format(text, std::forward<Args>(args)...));
  }
  /// Throws a Violation that says `text` and the trace.
  [[noreturn]] void violated(const std::string& actor, std::uint32_t request_id, const std::string& text);

  Dice dice;
  Trace trace;
  std::deque<Request> requests;
  std::deque<Response> responses;
  bool is_calm = false;          ///< from now on everybody behaves, and ends what is under way
  std::uint64_t body_limit = 0;  ///< of the plan
  /// Requests whose clients have left while the app was at work on them.
  std::vector<std::uint32_t> left_behind;
};

/// The number in `prefix123`, 0 where it is none.
std::uint32_t number_after(std::string_view text, std::string_view prefix);
/// Value of the first field of that name in a head, whatever its case; empty if there is none.
std::string field_of(std::string_view head, std::string_view name);

}  // namespace weir::chaos
