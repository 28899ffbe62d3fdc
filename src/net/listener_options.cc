#include <algorithm>
#include <fmt/format.h>

#include <weir/base/bytes.h>
#include <weir/net/listener_options.h>
#include <weir/net/socket_address.h>

namespace weir::net {

namespace {

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

}  // namespace

Result<Endpoint> parse_listening(std::string_view text) {
  const std::string_view port = text.starts_with(':') ? text.substr(1) : text;
  Result<Endpoint> endpoint = Endpoint::parse(is_number(port) ? fmt::format("0.0.0.0:{}", port) : std::string(text));
  if (!endpoint || SocketAddress::is_literal(endpoint.value())) return endpoint;
  if (equals_ignoring_case(endpoint.value().host, "localhost")) return endpoint;
  return Error{fmt::format("\"{}\" has a name where an IP address of this machine has to stand, 0.0.0.0 or [::] for all",
                           text)};
}

Endpoint read_endpoint(Settings& settings, std::string_view key, const Endpoint& current) {
  const Result<Endpoint> found = parse_listening(settings.text(key, current.to_string()));
  if (found) return found.value();
  settings.problem(key, found.error().message, fmt::format("write {}, or a port alone", kEndpointForms));
  // Nowhere: what could not be read collides with nothing.
  return {.kind = Endpoint::Kind::tcp, .host = "127.0.0.1", .port = 0, .path = {}};
}

void ListenerOptions::read_short(Settings& settings) { address = read_endpoint(settings, Settings::kItself, address); }

void ListenerOptions::read(Settings& settings) {
  address = read_endpoint(settings, "address", address);
  upstream = settings.text("upstream", upstream);
  // Its being there turns it on, so what is off is not printed.
  if (settings.is_reading() || tls.is_on()) settings.section("tls", tls);
  proxy_protocol = settings.boolean("proxy_protocol", proxy_protocol);
}

}  // namespace weir::net
