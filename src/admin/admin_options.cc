#include <weir/admin/admin_options.h>

#include <algorithm>

#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/net/listener_options.h>

namespace weir::admin {
namespace {

/// As a Host field has it, without the port.
bool is_host_name(const std::string& host) {
  const auto is_allowed = [](char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '.' || c == '_';
  };
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), is_allowed);
}

}  // namespace

void AdminOptions::read(Settings& settings) {
  address = net::read_endpoint(settings, "address", address);
  // What is off by not being there is not printed.
  if (settings.is_reading() || tls.is_on()) settings.section("tls", tls);
  settings.items("tokens", tokens);
  if (settings.is_reading() || jwt.is_on()) settings.section("jwt", jwt);
  hosts = settings.texts("hosts", hosts);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (is_host_name(hosts[i])) continue;
    settings.problem(fmt::format("hosts[{}]", i), fmt::format("\"{}\" is no host name", hosts[i]),
                     "write a name such as weir.internal, without scheme and port");
  }
  session_lifetime = settings.duration("session_lifetime", session_lifetime, {1s, 30 * 24h});
}

}  // namespace weir::admin
