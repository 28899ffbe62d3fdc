#include <weir/net/listener_options.h>

namespace weir::net {

Endpoint read_endpoint(Settings& settings, std::string_view key, const Endpoint& current) {
  const Result<Endpoint> found = Endpoint::parse(settings.text(key, current.to_string()));
  if (found) return found.value();
  settings.problem(key, found.error().message, std::string("write ") + std::string(kEndpointForms));
  return current;
}

void ListenerOptions::read(Settings& settings) {
  address = read_endpoint(settings, "address", address);
  upstream = settings.text("upstream", upstream);
  // Its being there turns it on, so what is off is not printed.
  if (settings.is_reading() || tls.is_on()) settings.section("tls", tls);
  proxy_protocol = settings.boolean("proxy_protocol", proxy_protocol);
}

}  // namespace weir::net
