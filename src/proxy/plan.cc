#include <weir/proxy/plan.h>

namespace weir::proxy {

ServerId Plan::first_server(UpstreamId upstream) const {
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < upstream.index(); ++i) count += static_cast<std::uint32_t>(upstreams[i].servers.size());
  return ServerId(count);
}

std::string Plan::server_url(ServerId server) const {
  std::size_t left = server.index();
  for (const UpstreamOptions& upstream : upstreams) {
    if (left < upstream.servers.size()) return upstream.servers[left].url();
    left -= upstream.servers.size();
  }
  return {};
}

}  // namespace weir::proxy
