#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::proxy {

/// What a PROXY protocol header says, version 1 (text) or 2 (binary): who the client of the proxy in front is.
/// Source: "The PROXY protocol, versions 1 & 2" by Willy Tarreau (haproxy.org), sections 2.1 and 2.2.
struct ProxyHeader {
  enum class Parse : std::uint8_t {
    incomplete,  ///< more bytes are needed
    refused,     ///< no header, or not one that can be read in one way only
    done,
  };

  static constexpr std::size_t kMaxText = 107;  ///< a whole version 1 header, CRLF included
  /// A whole version 2 header. Proxies put host names, client certificates and ids of their own into its TLVs.
  static constexpr std::size_t kMaxBinary = 4096;

  Parse outcome = Parse::incomplete;
  std::size_t size = 0;  ///< of the header, once done; what follows belongs to the client
  /// The client's address without its port: `192.0.2.1`, `2001:db8::1`, `unix:`. Empty where the header names none
  /// (UNKNOWN, LOCAL, AF_UNSPEC, a datagram): the connection's own holds.
  std::string client;
};

/// Reads the header at the beginning of `data`. Strict: one form of numbers, no byte too many, nothing guessed; a checksum
/// (PP2_TYPE_CRC32C, section 2.2.4) must be right where there is one, other TLVs are passed over. The
/// outcome for a longer `data` is never another one than that for a shorter one, but for `incomplete`.
ProxyHeader parse_proxy_header(std::string_view data);

}  // namespace weir::proxy
