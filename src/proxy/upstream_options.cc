#include <weir/proxy/upstream_options.h>

#include <algorithm>

#include <fmt/format.h>

#include <weir/base/bytes.h>

namespace weir::proxy {
namespace {

constexpr std::string_view kUrlForms = "write http://host:port or unix:/path";

bool is_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), is_allowed);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// Host and optional port after `http://`.
Result<net::Endpoint> parse_authority(std::string_view url, std::string_view authority) {
  // Whoever writes a password here would find it in logs and metrics: it is not even quoted.
  if (authority.find('@') != std::string_view::npos) return Error{"the URL has a user name or password in it"};
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.find_first_of("/?#") != std::string_view::npos) {
    return Error{fmt::format("\"{}\" has a path or query, and weir forwards each request's own target", url)};
  }
  if (authority.empty()) return Error{fmt::format("\"{}\" has no host", url)};
  const bool has_port = authority.rfind(':') != std::string_view::npos && !authority.ends_with(']');
  const Result<net::Endpoint> endpoint =
      net::Endpoint::parse(has_port ? std::string(authority) : std::string(authority) + ":80");
  if (!endpoint) return endpoint;
  if (endpoint.value().kind != net::Endpoint::Kind::tcp) return Error{fmt::format("\"{}\" has no host", url)};
  if (endpoint.value().port == 0) return Error{fmt::format("\"{}\" has port 0, where nothing can listen", url)};
  return endpoint;
}

}  // namespace

Result<net::Endpoint> ServerOptions::parse_url(std::string_view url) {
  constexpr std::string_view kHttp = "http://";
  if (url.empty()) return Error{"the server has no URL"};
  if (url.starts_with("unix:")) return net::Endpoint::parse(url);
  if (starts_with_ignoring_case(url, kHttp)) return parse_authority(url, url.substr(kHttp.size()));
  if (starts_with_ignoring_case(url, "https://")) {
    return Error{"https:// asks for TLS to the upstream, which this version does not speak"};
  }
  if (url.find("://") != std::string_view::npos) {
    return Error{fmt::format("\"{}\" has a scheme that weir does not speak", url.substr(0, url.find("://") + 3))};
  }
  return Error{fmt::format("\"{}\" does not begin with http:// or unix:", url)};
}

std::string ServerOptions::url() const {
  return address.kind == net::Endpoint::Kind::unix_socket ? address.to_string() : "http://" + address.to_string();
}

void ServerOptions::read(Settings& settings) {
  read_url(settings, "url");
  weight = settings.integer("weight", weight, {1, 1000});
}

void ServerOptions::read_short(Settings& settings) { read_url(settings, Settings::kItself); }

void ServerOptions::read_url(Settings& settings, std::string_view key) {
  // No server has a default address: what the file leaves out is missing.
  const Result<net::Endpoint> found = parse_url(settings.text(key, settings.is_reading() ? std::string() : url()));
  if (found) {
    address = found.value();
  } else {
    settings.problem(key, found.error().message, std::string(kUrlForms));
  }
}

void UpstreamTimeouts::read(Settings& settings) {
  connect = settings.duration("connect", connect, {1ms, 1h});
  response = settings.duration("response", response, {1ms, 24h});
  idle = settings.duration("idle", idle, {1ms, 24h});
}

void UpstreamOptions::read(Settings& settings) {
  if (!is_name(name)) {
    settings.problem(Settings::kItself, fmt::format("\"{}\" is no name of an upstream", name),
                     "use letters, digits, _ and -, at most 64");
  }
  settings.items("servers", servers);
  balance = settings.choice("balance", balance);
  settings.section("timeouts", timeouts);
  retries = settings.integer("retries", retries, {0, 10});
  max_connections = settings.integer("max_connections", max_connections, {1, 1'000'000});
  if (servers.empty()) settings.problem("servers", "there is no server", "name one, such as - http://127.0.0.1:3000");
}

}  // namespace weir::proxy
