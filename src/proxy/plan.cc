#include <weir/proxy/plan.h>

namespace weir::proxy {

const std::string& Plan::server_url(ServerId server) const {
  static const std::string kNone;
  return server.index() < server_urls.size() ? server_urls[server.index()] : kNone;
}

}  // namespace weir::proxy
