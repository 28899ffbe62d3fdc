#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <weir/base/names.h>

namespace weir::route {

/// What one path segment looks like by its bytes alone. Segments are taken as they stand: nothing is decoded.
enum class Kind : std::uint8_t {
  word,      ///< letters, joined by `-`, `_`, `.`, `:` or case: `issues`, `verify_credentials`, `chat.postMessage`
  slug,      ///< a word with digits in it: `alice42`, `oauth2`, `my-app-3`
  integer,   ///< decimal digits, one `-` in front allowed
  uuid,      ///< 8-4-4-4-12 hex digits, RFC 9562
  ulid,      ///< 26 characters of Crockford's base 32
  hex,       ///< hex digits of both sorts, six or more, of one case
  date,      ///< 2026-01-31, 2026-01, or a full ISO 8601 time
  version,   ///< v1, v1.45, 2.0, v2beta1, 1.0.0-rc.1
  locale,    ///< en-GB, pt_BR, sr-Latn
  email,     ///< with `@` or `%40`
  address,   ///< IPv4 or IPv6
  file,      ///< a name with a file extension: `logo.png`, `backup.tar.gz`
  token,     ///< random-looking letters and digits, or very long
  encoded,   ///< with percent-encoded bytes: `Main%20Page`, `feature%2Flogin`
  other,     ///< anything else: `sha256:…`, `main...topic`, `key=value`
};

/// A set of kinds, one bit each.
using KindSet = std::uint16_t;

inline constexpr KindSet kAnyKind = 0xFFFF;

constexpr KindSet set_of(Kind kind) { return static_cast<KindSet>(1U << static_cast<unsigned>(kind)); }

/// Kinds that nobody uses to name a fixed place: a segment of such a kind is a parameter at once.
inline constexpr KindSet kIdentifierKinds =
    set_of(Kind::integer) | set_of(Kind::uuid) | set_of(Kind::ulid) | set_of(Kind::hex) |
    set_of(Kind::date) | set_of(Kind::email) | set_of(Kind::address) | set_of(Kind::token);

/// Hot path: one pass over the bytes, no allocation.
Kind kind_of(std::string_view segment);

constexpr bool is_identifier(Kind kind) { return (set_of(kind) & kIdentifierKinds) != 0; }

}  // namespace weir::route

template <>
struct weir::Names<weir::route::Kind> {
  static constexpr std::array<std::string_view, 15> labels = {
      "word",   "slug",  "integer", "uuid", "ulid",  "hex",     "date", "version",
      "locale", "email", "address", "file", "token", "encoded", "other"};
};
