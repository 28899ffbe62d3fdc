#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weir/base/result.h>

namespace weir {

/// An IP address as 16 bytes, an IPv4 one in its IPv4-mapped form (RFC 4291 section 2.5.5.2), so that both are one kind.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  /// `192.0.2.1`, `2001:db8::1`; no port, no brackets, no zone.
  static std::optional<IpAddress> parse(std::string_view text);
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// The addresses that begin alike (RFC 4632, RFC 4291 section 2.3).
class Network {
 public:
  /// `10.0.0.0/8`, `2001:db8::/32`, or one address. An error says what is wrong; kForms what would be right.
  static Result<Network> parse(std::string_view text);
  static constexpr std::string_view kForms = "10.0.0.0/8, 192.0.2.1 or 2001:db8::/32";

  bool holds(const IpAddress& address) const;

 private:
  IpAddress first_;
  unsigned bits_ = 128;  ///< of the mapped form
};

/// The network that a client's address stands in for figures: `192.0.2.0/24`, `2001:db8:7::/48`. Empty where it is no
/// address (a Unix socket).
std::string network_of(std::string_view client);

}  // namespace weir
