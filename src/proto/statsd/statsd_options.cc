#include <weir/proto/statsd/statsd_options.h>

#include <string>

#include <fmt/format.h>

#include <weir/net/listener_options.h>

namespace weir::proto::statsd {

void StatsdOptions::read(Settings& settings) {
  const std::string text = settings.text("address", address ? address->to_string() : "");
  if (text.empty()) {
    address.reset();
    return;
  }
  if (const Result<net::Endpoint> found = net::parse_listening(text)) {
    address = found.value();
  } else {
    settings.problem("address", found.error().message, fmt::format("write {}, or a port alone", net::kEndpointForms));
  }
}

}  // namespace weir::proto::statsd
