// HOT PATH: no allocation, no lock, no system call, no log.
#include "trusted_proxies.h"

#include <algorithm>

#include <weir/base/bytes.h>

namespace weir::proto::http1 {
namespace {

/// `192.0.2.1:80` and `[2001:db8::1]:80` without what is not the address; some proxies write a port.
std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    return end == std::string_view::npos ? text : text.substr(1, end - 1);
  }
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos ? text.substr(0, colon)
                                                                                                : text;
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& names) : is_named_(!names.empty()) {
  for (const std::string& name : names) {
    if (name == "unix:") trusts_unix_ = true;
    if (const Result<Network> network = Network::parse(name)) networks_.push_back(network.value());
  }
}

bool TrustedProxies::trusts(std::string_view host) const {
  if (host == "unix:") return trusts_unix_;
  const std::optional<IpAddress> address = IpAddress::parse(host);
  return address &&
         std::any_of(networks_.begin(), networks_.end(), [&](const Network& n) { return n.holds(*address); });
}

std::string_view TrustedProxies::client_of(const http::Head& head, std::string_view peer) const {
  std::string_view client = peer;
  for (auto field = head.fields.rbegin(); field != head.fields.rend(); ++field) {
    if (field->id != http::FieldId::x_forwarded_for) continue;
    std::string_view rest = field->value();
    while (!rest.empty()) {
      const std::size_t comma = rest.rfind(',');
      const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
      const std::string_view address = without_port(trim(rest.substr(begin)));
      rest = rest.substr(0, comma == std::string_view::npos ? 0 : comma);
      if (address.empty()) continue;
      if (!IpAddress::parse(address)) return client;
      client = address;
      if (!trusts(address)) return client;
    }
  }
  return client;
}

}  // namespace weir::proto::http1
