#include <weir/verbs/admin_url.h>

#include <algorithm>

#include <fmt/format.h>

#include <weir/base/bytes.h>

namespace weir::verbs {

namespace {

bool takes(std::string_view& text, std::string_view scheme) {
  if (text.size() < scheme.size() || !equals_ignoring_case(text.substr(0, scheme.size()), scheme)) return false;
  text.remove_prefix(scheme.size());
  return true;
}

Result<net::Endpoint> parse_authority(std::string_view authority, bool is_tls) {
  const bool has_port = authority.rfind(':') != std::string_view::npos && !authority.ends_with(']');
  return net::Endpoint::parse(has_port ? std::string(authority) : fmt::format("{}:{}", authority, is_tls ? 443 : 80));
}

/// `host:port`, or a port of this machine: `9900` as well as `:9900`.
Result<net::Endpoint> parse_bare(std::string_view authority) {
  const std::string_view port = authority.starts_with(':') ? authority.substr(1) : authority;
  const bool is_port = !port.empty() && std::all_of(port.begin(), port.end(), is_digit);
  return net::Endpoint::parse(is_port ? fmt::format("127.0.0.1:{}", port) : std::string(authority));
}

bool is_path(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '?' && c != '#'; });
}

}  // namespace

Result<AdminUrl> AdminUrl::parse(std::string_view text) {
  AdminUrl url;
  std::string_view rest = text;
  if (rest.starts_with("unix:")) {
    const Result<net::Endpoint> endpoint = net::Endpoint::parse(rest);
    if (!endpoint) return endpoint.error();
    return reaching(endpoint.value(), false);
  }
  url.is_tls = takes(rest, "https://");
  const bool has_scheme = url.is_tls || takes(rest, "http://");
  if (!has_scheme && rest.find("://") != std::string_view::npos) {
    return Error{fmt::format("\"{}\" has a scheme that weir does not speak", text)};
  }
  const std::string_view authority = rest.substr(0, rest.find('/'));
  rest.remove_prefix(authority.size());
  // Whoever writes a password here would find it in error messages: it is not even quoted.
  if (authority.find('@') != std::string_view::npos) {
    return Error{"the URL has a user name or password in it (give the token in WEIR_TOKEN or a file instead)"};
  }
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (!is_path(rest)) return Error{fmt::format("\"{}\" has a query, a fragment or characters that no URL holds", text)};
  if (authority.empty()) return Error{fmt::format("\"{}\" has no host", text)};
  const Result<net::Endpoint> endpoint = has_scheme ? parse_authority(authority, url.is_tls) : parse_bare(authority);
  if (!endpoint) return endpoint.error();
  if (endpoint.value().port == 0) return Error{fmt::format("\"{}\" has port 0, where nothing can listen", text)};
  url.address = endpoint.value();
  url.host = url.address.to_string();
  url.prefix = rest;
  return url;
}

AdminUrl AdminUrl::reaching(const net::Endpoint& address, bool is_tls) {
  AdminUrl url;
  url.address = address;
  url.is_tls = is_tls;
  if (address.kind == net::Endpoint::Kind::unix_socket) {
    url.host = "localhost";
    return url;
  }
  if (address.host == "0.0.0.0") url.address.host = "127.0.0.1";
  if (address.host == "::") url.address.host = "::1";
  url.host = url.address.to_string();
  return url;
}

const std::string& AdminUrl::tls_name() const {
  return address.kind == net::Endpoint::Kind::unix_socket ? host : address.host;
}

std::string AdminUrl::to_string() const {
  if (address.kind == net::Endpoint::Kind::unix_socket) return address.to_string();
  return fmt::format("{}://{}{}", is_tls ? "https" : "http", address.to_string(), prefix);
}

}  // namespace weir::verbs
