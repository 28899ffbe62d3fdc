#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <weir/base/names.h>

namespace weir {

/// Methods that get a tag of their own: RFC 9110 section 9, PATCH (RFC 5789), WebDAV (RFC 4918, 3253, 5323).
/// Any other token is forwarded all the same and tagged `other`.
enum class Method : std::uint8_t {
  get, head, post, put, delete_, connect, options, trace, patch,
  propfind, proppatch, mkcol, copy, move, lock, unlock, report, search,
  other,
};

template <>
struct Names<Method> {
  static constexpr std::array<std::string_view, 19> labels = {
      "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
      "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH",
      "OTHER"};
};

/// The tagged method for a token as it stands in a request line. Case-sensitive (RFC 9110 section 9.1);
/// the literal token `OTHER` is `other` like any unknown one.
Method method_of(std::string_view token);

/// RFC 9110 section 9.2.2: sending it twice has the effect of sending it once.
constexpr bool is_idempotent(Method method) {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::put:
    case Method::delete_:
    case Method::options:
    case Method::trace:
    case Method::propfind:
    case Method::report:
    case Method::search:
      return true;
    default:
      return false;
  }
}

}  // namespace weir
