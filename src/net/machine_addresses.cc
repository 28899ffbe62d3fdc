#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ifaddrs.h>
#include <iterator>
#include <limits.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <weir/base/bytes.h>
#include <weir/net/machine_addresses.h>
#include <weir/net/socket_address.h>

namespace weir::net {
namespace {

using Ip = std::array<std::uint8_t, 16>;

constexpr Ip kLoopback6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr Ip kAny6 = {};

Ip mapped(std::array<std::uint8_t, 4> v4) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, v4[0], v4[1], v4[2], v4[3]};
}

const Ip kLoopback4 = mapped({127, 0, 0, 1});
const Ip kAny4 = mapped({0, 0, 0, 0});

bool is_v4(const Ip& ip) { return std::equal(kAny4.begin(), kAny4.begin() + 12, ip.begin()); }

std::optional<Ip> literal(std::string_view text) {
  const std::string host(text);
  std::array<std::uint8_t, 4> v4;
  if (inet_pton(AF_INET, host.c_str(), v4.data()) == 1) return mapped(v4);
  Ip v6;
  if (inet_pton(AF_INET6, host.c_str(), v6.data()) == 1) return v6;
  return std::nullopt;
}

/// A name without the dot of its root.
std::string_view bare(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool is_localhost(std::string_view name) {
  constexpr std::string_view kBelow = ".localhost";  // RFC 6761 section 6.3
  return equals_ignoring_case(name, "localhost") ||
         (name.size() > kBelow.size() && equals_ignoring_case(name.substr(name.size() - kBelow.size()), kBelow));
}

/// By their names, or by what is there: links, and folders that are mounted twice.
bool is_same_file(const std::string& a, const std::string& b) {
  if (a == b) return true;
  struct stat first;
  struct stat second;
  if (::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0) {
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
  }
  std::error_code error;
  const auto one = std::filesystem::weakly_canonical(a, error);
  if (error) return false;
  const auto other = std::filesystem::weakly_canonical(b, error);
  return !error && one == other;
}

}  // namespace

MachineAddresses MachineAddresses::read() {
  std::vector<std::string> interfaces;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) == 0) {
    for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
      if (one->ifa_addr == nullptr) continue;
      const int family = one->ifa_addr->sa_family;
      if (family == AF_INET) interfaces.push_back(SocketAddress(one->ifa_addr, sizeof(sockaddr_in)).host());
      if (family == AF_INET6) interfaces.push_back(SocketAddress(one->ifa_addr, sizeof(sockaddr_in6)).host());
    }
    ::freeifaddrs(all);
  }
  char name[HOST_NAME_MAX + 1] = "";
  if (::gethostname(name, sizeof name - 1) != 0) name[0] = '\0';
  std::ifstream file("/etc/hosts");
  const std::string hosts{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return {interfaces, name, hosts};
}

MachineAddresses::MachineAddresses(const std::vector<std::string>& interfaces, std::string host_name,
                                   std::string_view hosts)
    : host_name_(bare(host_name)) {
  for (const std::string& address : interfaces) {
    if (const auto ip = literal(address)) interfaces_.push_back(*ip);
  }
  split(hosts, '\n', [&](std::string_view line) {
    line = line.substr(0, line.find('#'));
    std::optional<Ip> ip;
    bool is_first = true;
    while (!line.empty()) {
      const std::size_t begin = line.find_first_not_of(" \t\r");
      if (begin == std::string_view::npos) return;
      line.remove_prefix(begin);
      const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
      line.remove_prefix(word.size());
      if (is_first) ip = literal(word);
      if (!ip) return;
      if (!is_first) hosts_.emplace_back(bare(word), *ip);
      is_first = false;
    }
  });
}

bool MachineAddresses::is_own(const Ip& ip) const {
  if (ip == kLoopback6 || (is_v4(ip) && ip[12] == 127)) return true;
  return std::find(interfaces_.begin(), interfaces_.end(), ip) != interfaces_.end();
}

std::vector<MachineAddresses::Ip> MachineAddresses::addresses_of(std::string_view host) const {
  if (const auto ip = literal(host)) {
    // The kernel connects to the loopback address where it is asked for none.
    if (*ip == kAny4) return {kLoopback4};
    if (*ip == kAny6) return {kLoopback6};
    return {*ip};
  }
  const std::string_view name = bare(host);
  if (is_localhost(name)) return {kLoopback4, kLoopback6};
  std::vector<Ip> found;
  for (const auto& [known, ip] : hosts_) {
    if (equals_ignoring_case(known, name)) found.push_back(ip);
  }
  if (found.empty() && !host_name_.empty() && equals_ignoring_case(host_name_, name)) {
    found = interfaces_;
    found.push_back(kLoopback4);
    found.push_back(kLoopback6);
  }
  return found;
}

bool MachineAddresses::reach(const Endpoint& target, const Endpoint& listening) const {
  if (target.kind != listening.kind) return false;
  if (target.kind == Endpoint::Kind::unix_socket) return is_same_file(target.path, listening.path);
  if (target.port == 0 || target.port != listening.port) return false;
  const std::optional<Ip> bound =
      equals_ignoring_case(listening.host, "localhost") ? kLoopback4 : literal(listening.host);
  if (!bound) return false;
  const std::vector<Ip> addresses = addresses_of(target.host);
  return std::any_of(addresses.begin(), addresses.end(), [&](const Ip& ip) {
    if (*bound == kAny6) return is_own(ip);  // takes IPv4 too
    if (*bound == kAny4) return is_v4(ip) && is_own(ip);
    return ip == *bound;
  });
}

}  // namespace weir::net
