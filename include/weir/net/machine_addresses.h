#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/net/endpoint.h>

namespace weir::net {

/// The addresses and names of this machine, as far as they are known without asking DNS: its interfaces, its host name and
/// its hosts file.
class MachineAddresses {
 public:
  /// Reads the interfaces (getifaddrs), the host name and /etc/hosts. What cannot be read is left out.
  static MachineAddresses read();

  /// `interfaces`: IP literals. `hosts`: text in the format of hosts(5).
  MachineAddresses(const std::vector<std::string>& interfaces, std::string host_name, std::string_view hosts);

  /// Whether a connection to `target` would arrive at a socket of this machine that listens on `listening`. A port of 0
  /// is never reached: which one it becomes is not known yet. Of names those of the machine count, others do not.
  bool reach(const Endpoint& target, const Endpoint& listening) const;

 private:
  /// IPv6, or IPv4 mapped into it (RFC 4291 section 2.5.5.2).
  using Ip = std::array<std::uint8_t, 16>;

  bool is_own(const Ip& ip) const;
  std::vector<Ip> addresses_of(std::string_view host) const;

  std::vector<Ip> interfaces_;
  std::string host_name_;
  std::vector<std::pair<std::string, Ip>> hosts_;
};

}  // namespace weir::net
