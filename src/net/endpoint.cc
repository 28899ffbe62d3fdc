#include <weir/net/endpoint.h>

#include <algorithm>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <weir/base/bytes.h>

namespace weir::net {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::size_t kLongestUnixPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kLongestName = 253;  // RFC 1035 section 2.3.4, as text

bool is_ipv4(const std::string& host, in_addr* out) { return inet_pton(AF_INET, host.c_str(), out) == 1; }
bool is_ipv6(const std::string& host, in6_addr* out) { return inet_pton(AF_INET6, host.c_str(), out) == 1; }

/// A host name as resolvers take it; underscores are found in container networks.
bool is_name(std::string_view host) {
  const auto is_allowed = [](char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '.' || c == '_';
  };
  return !host.empty() && host.size() <= kLongestName && host.front() != '.' && host.front() != '-' &&
         host.find("..") == std::string_view::npos && std::all_of(host.begin(), host.end(), is_allowed);
}

/// `1.2.3`, `300.1.1.1`: whoever writes digits and dots means an address, never a name.
bool is_all_digits_and_dots(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
}

Result<Endpoint> parse_unix(std::string_view text) {
  const std::string_view path = text.substr(kUnixPrefix.size());
  if (!path.starts_with('/')) return Error{fmt::format("\"{}\" has no absolute path", text)};
  if (path.size() > kLongestUnixPath) {
    return Error{
        fmt::format("the path of a Unix socket has at most {} bytes, this one {}", kLongestUnixPath, path.size())};
  }
  if (path.find('\0') != std::string_view::npos) return Error{"the path of a Unix socket holds a zero byte"};
  return Endpoint{.kind = Endpoint::Kind::unix_socket, .host = {}, .port = 0, .path = std::string(path)};
}

}  // namespace

bool Endpoint::is_host(std::string_view host) {
  const std::string literal(host);
  in6_addr v6;
  // A zero byte would end the text for the functions of C.
  if (host.find('\0') != std::string_view::npos) return false;
  if (is_ipv6(literal, &v6)) return true;
  in_addr v4;
  return is_all_digits_and_dots(host) ? is_ipv4(literal, &v4) : is_name(host);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  if (text.starts_with(kUnixPrefix)) return parse_unix(text);
  in6_addr v6;
  if (is_ipv6(std::string(text), &v6)) {
    return Error{fmt::format("\"{}\" is an IPv6 address without brackets and port", text)};
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']')) return Error{fmt::format("\"{}\" has no port", text)};

  const std::optional<std::uint64_t> port = parse_decimal(text.substr(colon + 1));
  if (!port || *port > 65535) return Error{fmt::format("\"{}\" has no port from 0 to 65535", text)};

  std::string_view host = text.substr(0, colon);
  const bool has_brackets = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (has_brackets) host = host.substr(1, host.size() - 2);
  const std::string literal(host);
  if (has_brackets) {
    if (!is_ipv6(literal, &v6)) return Error{fmt::format("\"{}\" has no IPv6 address in its brackets", text)};
  } else if (host.empty()) {
    return Error{fmt::format("\"{}\" has no host", text)};
  } else if (is_ipv6(literal, &v6)) {
    return Error{fmt::format("\"{}\" has an IPv6 address without brackets", text)};
  } else if (!is_host(host)) {
    return Error{fmt::format("\"{}\" has no host that can be one", text)};
  }
  return Endpoint{.kind = Kind::tcp, .host = literal, .port = static_cast<std::uint16_t>(*port), .path = {}};
}

std::string Endpoint::to_string() const {
  if (kind == Kind::unix_socket) return fmt::format("{}{}", kUnixPrefix, path);
  const bool is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

bool Endpoint::is_loopback() const {
  if (kind == Kind::unix_socket) return true;
  if (equals_ignoring_case(host, "localhost")) return true;
  in_addr v4;
  if (is_ipv4(host, &v4)) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  if (!is_ipv6(host, &v6)) return false;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

}  // namespace weir::net
