#include <weir/net/resolver.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <uv.h>

#include <weir/net/stream.h>

namespace weir::net {

struct ResolveRequest {
  uv_getaddrinfo_t request;
  Resolver* owner;  ///< null once the resolver is gone
  Endpoint endpoint;
  Resolver::OnResolved on_resolved;

  static void on_done(uv_getaddrinfo_t* done, int error, addrinfo* found);
};

Resolver::~Resolver() {
  for (ResolveRequest* request : pending_) request->owner = nullptr;
}

void Resolver::resolve(const Endpoint& endpoint, OnResolved on_resolved) {
  auto* request =
      new ResolveRequest{.request = {}, .owner = this, .endpoint = endpoint, .on_resolved = std::move(on_resolved)};
  request->request.data = request;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  const std::string port = std::to_string(endpoint.port);
  pending_.push_back(request);
  if (SocketAddress::is_literal(endpoint)) hints.ai_flags = AI_NUMERICHOST;
  const int error = uv_getaddrinfo(loop_.raw(), &request->request, ResolveRequest::on_done, endpoint.host.c_str(),
                                   port.c_str(), &hints);
  if (error != 0) ResolveRequest::on_done(&request->request, error, nullptr);
}

void ResolveRequest::on_done(uv_getaddrinfo_t* done, int error, addrinfo* found) {
  const std::unique_ptr<ResolveRequest> self(static_cast<ResolveRequest*>(done->data));
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    addresses.emplace_back(entry->ai_addr, entry->ai_addrlen);
  }
  uv_freeaddrinfo(found);
  if (self->owner == nullptr) return;
  std::erase(self->owner->pending_, self.get());
  if (error == 0 && !addresses.empty()) {
    self->on_resolved(std::move(addresses));
  } else {
    self->on_resolved(Error{fmt::format("cannot resolve {}: {} (is the name right, does DNS answer?)",
                                        self->endpoint.host, error != 0 ? error_text(error) : "no address")});
  }
}

}  // namespace weir::net
