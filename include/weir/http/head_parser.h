#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weir/base/fault.h>
#include <weir/http/head.h>

namespace weir::http {

/// Ceilings for one head. `limits` of the configuration for clients; the same for what upstreams send.
struct HeadLimits {
  std::size_t head_bytes = 64 * 1024;
  std::size_t target_bytes = 16 * 1024;
  std::size_t fields = 200;
};

enum class Parse : std::uint8_t {
  complete,    ///< `head()` holds it
  incomplete,  ///< nothing wrong so far; ask again with more
  refused,     ///< see `fault()` and `reason()`
};

/// The guard: reads a head once and lets through only what every parser reads the same way (RFC 9110, RFC 9112).
/// Lines end in CRLF and nothing else; no control bytes, no folded lines, no white space where none belongs; one way
/// to find the end of the body. Heads whose framing is not plain are read a second time by llhttp, which must agree.
/// A response may also have what apps send and every proxy takes, because it is not passed on as it came: LF for CRLF
/// (RFC 9112 section 2.2), empty lines before the status line, control bytes in a value except CR, LF and NUL (RFC 9110
/// section 5.5) or in the reason, zeros before a Content-Length, the same one twice in a list, no space after the status,
/// blanks around it, HTTP/1.2 and higher for 1.1. See `ResponseHead::is_canonical`. What is no token in its Connection is
/// passed over, and the connection then counts as not kept.
/// HOT PATH: no allocation once warm. A parser is used again and again by one thread.
class HeadParser {
 public:
  /// `table` must outlive the parser.
  HeadParser(const FieldTable& table, HeadLimits limits);

  /// `data` begins with the first byte of the request line. What follows the head is left alone.
  Parse parse_request(std::string_view data);
  /// `data` begins with the first byte of the status line, or with empty lines before it. `request` is the method that
  /// it answers.
  Parse parse_response(std::string_view data, Method request);

  const RequestHead& request() const { return request_; }
  RequestHead& request() { return request_; }
  const ResponseHead& response() const { return response_; }

  /// Why it was refused: what weir answers, and a clause for people that tells them what to mend.
  Fault fault() const { return fault_; }
  const char* reason() const { return reason_; }

 private:
  Parse refuse(Fault fault, const char* reason);
  Parse need_more(std::size_t have);
  template <bool is_from_app>
  Parse parse_fields(Head& head, const char* at, const char* end);
  Parse skip_empty_lines(const char*& at, const char* end);
  Parse parse_request_line(const char*& at, const char* end);
  Parse parse_status_line(const char*& at, const char* end);
  Parse parse_odd_status_line(const char*& at, const char* end);
  bool read_target(std::string_view target);
  template <bool is_from_app>
  bool read_connection(Head& head, bool& names_upgrade);
  bool read_host();
  void keep_one_length(Field& field);
  template <bool is_from_app>
  bool read_framing(Head& head);
  bool frame_request();
  bool frame_response(Method request);

  const FieldTable& table_;
  HeadLimits limits_;
  RequestHead request_;
  ResponseHead response_;
  Fault fault_ = Fault::none;
  const char* reason_ = "";

  // What the fields of the head at hand say, gathered while they are read.
  struct Seen {
    std::uint32_t hosts = 0;
    std::uint32_t content_lengths = 0;
    std::uint32_t transfer_encodings = 0;
    std::uint32_t connections = 0;
    std::uint32_t upgrades = 0;
    bool is_plain = true;      ///< none of the fields that need a closer look
    bool is_canonical = true;  ///< see `ResponseHead::is_canonical`
  } seen_;
};

/// Which of `limits` a reason ends with, of a HeadParser or a ChunkedReader: `the head is longer than
/// limits.header_size`.
struct NamedLimit {
  std::string_view key;
  std::string value;  ///< as the configuration writes it: `64KiB`
};
std::optional<NamedLimit> limit_in(std::string_view reason, const HeadLimits& limits);

/// Whether `text` is a token (RFC 9110 section 5.6.2): at least one character.
bool is_token(std::string_view text);
/// Whether `text` may stand as a field value: no control bytes but the tab.
bool is_field_value(std::string_view text);
/// Host and optional port as in RFC 9110 section 7.2: name, IPv4, bracketed IPv6; may be empty.
bool is_authority(std::string_view text);

}  // namespace weir::http
