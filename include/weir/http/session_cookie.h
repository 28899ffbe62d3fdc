#pragma once

#include <array>
#include <string_view>

namespace weir::http {

/// The cookie of a log-in through weir's own page. Cookies know no ports: a browser that is logged in at `host:9900`
/// sends it to `host:8080` as well, so weir takes it out of the requests that it forwards.
inline constexpr std::string_view kSessionCookie = "weir_session";
/// The same under TLS. A browser takes this prefix only with `Secure`, with `Path=/` and without `Domain`, so no other
/// host and no plain HTTP page can set it (RFC 6265bis section 4.1.3.2).
inline constexpr std::string_view kSecureSessionCookie = "__Host-weir_session";

inline constexpr std::array kSessionCookies = {kSessionCookie, kSecureSessionCookie};
static_assert(kSecureSessionCookie.ends_with(kSessionCookie), "a search for the one finds the other");

}  // namespace weir::http
