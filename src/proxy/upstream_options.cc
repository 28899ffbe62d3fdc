#include <weir/proxy/upstream_options.h>

#include <algorithm>

#include <fmt/format.h>

#include <weir/base/bytes.h>

namespace weir::proxy {
namespace {

constexpr std::string_view kUrlForms =
    "write http://host:port, https://host:port, unix:/path or a port of this machine";

bool is_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), is_allowed);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// Host and optional port after `http://` or `https://`.
Result<net::Endpoint> parse_authority(std::string_view url, std::string_view authority, std::string_view default_port) {
  // Whoever writes a password here would find it in logs and metrics: it is not even quoted.
  if (authority.find('@') != std::string_view::npos) return Error{"the URL has a user name or password in it"};
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.find_first_of("/?#") != std::string_view::npos) {
    return Error{fmt::format("\"{}\" has a path or query, and weir forwards each request's own target", url)};
  }
  if (authority.empty()) return Error{fmt::format("\"{}\" has no host", url)};
  const bool has_port = authority.rfind(':') != std::string_view::npos && !authority.ends_with(']');
  const Result<net::Endpoint> endpoint =
      net::Endpoint::parse(has_port ? std::string(authority) : fmt::format("{}:{}", authority, default_port));
  if (!endpoint) return endpoint;
  if (endpoint.value().kind != net::Endpoint::Kind::tcp) return Error{fmt::format("\"{}\" has no host", url)};
  if (endpoint.value().port == 0) return Error{fmt::format("\"{}\" has port 0, where nothing can listen", url)};
  return endpoint;
}

}  // namespace

Result<ServerOptions> ServerOptions::parse_url(std::string_view url) {
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  if (url.empty()) return Error{"the server has no URL"};
  const bool is_tls = starts_with_ignoring_case(url, kHttps);
  const bool is_unix = url.starts_with("unix:");
  const bool has_scheme = is_unix || starts_with_ignoring_case(url, "http:") ||
                          starts_with_ignoring_case(url, "https:") || url.find("://") != std::string_view::npos;
  if (const std::string_view port = url.starts_with(':') ? url.substr(1) : url;
      !port.empty() && std::all_of(port.begin(), port.end(), is_digit)) {
    return parse_url(fmt::format("{}127.0.0.1:{}", kHttp, port));
  }
  if (!has_scheme && url.find(':') != std::string_view::npos) return parse_url(fmt::format("{}{}", kHttp, url));
  if (!is_tls && !is_unix && !starts_with_ignoring_case(url, kHttp)) {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) {
      return Error{fmt::format("\"{}\" does not begin with http://, https:// or unix:", url)};
    }
    return Error{fmt::format("\"{}\" has a scheme that weir does not speak", url.substr(0, scheme_end + 3))};
  }
  const Result<net::Endpoint> address = is_unix  ? net::Endpoint::parse(url)
                                        : is_tls ? parse_authority(url, url.substr(kHttps.size()), "443")
                                                 : parse_authority(url, url.substr(kHttp.size()), "80");
  if (!address) return address.error();
  ServerOptions server;
  server.address = address.value();
  server.is_tls = is_tls;
  return server;
}

std::string ServerOptions::url() const {
  if (address.kind == net::Endpoint::Kind::unix_socket) return address.to_string();
  return (is_tls ? "https://" : "http://") + address.to_string();
}

void ServerOptions::read(Settings& settings) {
  read_url(settings, "url");
  weight = settings.integer("weight", weight, {1, 1000});
}

void ServerOptions::read_short(Settings& settings) { read_url(settings, Settings::kItself); }

void ServerOptions::read_url(Settings& settings, std::string_view key) {
  // No server has a default address: what the file leaves out is missing.
  const Result<ServerOptions> found = parse_url(settings.text(key, settings.is_reading() ? std::string() : url()));
  if (found) {
    address = found.value().address;
    is_tls = found.value().is_tls;
  } else {
    settings.problem(key, found.error().message, std::string(kUrlForms));
  }
}

void UpstreamTimeouts::read(Settings& settings) {
  connect = settings.duration("connect", connect, {1ms, 1h});
  response = settings.duration("response", response, {1ms, 24h});
  idle = settings.duration("idle", idle, {1ms, 24h});
}

bool UpstreamOptions::speaks_tls() const {
  return std::any_of(servers.begin(), servers.end(), [](const ServerOptions& server) { return server.is_tls; });
}

const std::string& UpstreamOptions::tls_name(const ServerOptions& server) const {
  return tls.server_name.empty() ? server.address.host : tls.server_name;
}

void UpstreamOptions::read(Settings& settings) {
  if (!is_name(name)) {
    settings.problem(Settings::kItself, fmt::format("\"{}\" is no name of an upstream", name),
                     "use letters, digits, _ and -, at most 64");
  }
  settings.items("servers", servers);
  balance = settings.choice("balance", balance);
  if (settings.is_reading() || tls != net::TlsClientOptions()) settings.section("tls", tls);
  if (tls != net::TlsClientOptions() && !speaks_tls()) {
    settings.problem("tls", "no server of this upstream speaks TLS", "write https:// in servers, or leave tls out");
  }
  // Its being there turns it on, so what is off is not printed.
  if (settings.is_reading() || health_check.is_on) settings.section("health_check", health_check);
  settings.section("timeouts", timeouts);
  on_client_close = settings.choice("on_client_close", on_client_close);
  retries = settings.integer("retries", retries, {0, 10});
  max_connections = settings.integer("max_connections", max_connections, {1, 1'000'000});
  if (servers.empty()) settings.problem("servers", "there is no server", "name one, such as - http://127.0.0.1:3000");
}

}  // namespace weir::proxy
