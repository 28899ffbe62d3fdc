#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <weir/base/method.h>
#include <weir/http/field_table.h>

namespace weir::http {

/// One field line as it came in: a view into the buffer that was parsed, never a copy.
struct Field {
  const char* line = nullptr;    ///< first byte of the name
  std::uint32_t line_size = 0;   ///< up to and with its CRLF or LF
  std::uint32_t value_at = 0;    ///< offset of the value, without leading white space
  std::uint32_t value_size = 0;  ///< without trailing white space
  std::uint32_t name_size = 0;
  FieldId id = FieldId::other;
  bool is_hop_by_hop = false;  ///< concerns one connection alone (RFC 9110 section 7.6.1): not forwarded

  std::string_view name() const { return {line, name_size}; }
  std::string_view value() const { return {line + value_at, value_size}; }
  std::string_view bytes() const { return {line, line_size}; }
};

/// How the end of a body is found (RFC 9112 section 6.3).
struct Framing {
  enum class Kind : std::uint8_t { none, length, chunked, until_close };
  Kind kind = Kind::none;
  std::uint64_t length = 0;  ///< of `length` alone
  bool is_from_app = false;  ///< chunks may end in LF too: they are written with CRLF
};

/// What both kinds of head share. All views point into the parsed buffer and are good as long as that is.
struct Head {
  std::string_view raw;         ///< start line, fields and the empty line, with the empty lines before them
  std::string_view start_line;  ///< with its CRLF or LF
  std::vector<Field> fields;
  Framing framing;
  std::uint8_t minor_version = 1;  ///< HTTP/1.x
  bool persists = true;            ///< the sender keeps the connection open after this message

  /// The first field of that name; null if there is none.
  const Field* find(FieldId id) const;
};

struct RequestHead : Head {
  enum class Form : std::uint8_t { origin, absolute, asterisk };

  std::string_view method;     ///< the token as it came
  Method tag = Method::other;  ///< the same as a label
  std::string_view target;     ///< as it came
  Form form = Form::origin;
  std::string_view path;       ///< without query; `*` for the asterisk form; `/` where an absolute form has none
  std::string_view query;      ///< with its `?`; empty if there is none
  std::string_view host;       ///< of the target where it has one, else of the Host field; may be empty
  bool has_host = false;
  bool wants_upgrade = false;     ///< Upgrade is present, named by Connection, and no h2c
  bool expects_continue = false;  ///< Expect: 100-continue
};

struct ResponseHead : Head {
  std::uint16_t status = 0;
  std::string_view reason;  ///< of the status line; may hold control bytes, but no CR, LF or NUL
  bool upgrades = false;  ///< 101 with an Upgrade field that Connection names
  /// Every line is as weir itself writes it, so that lines can be copied. False: write each of them from its parts.
  bool is_canonical = true;
};

}  // namespace weir::http
