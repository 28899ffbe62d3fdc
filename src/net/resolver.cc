#include "name_lookups.h"

#include <fmt/format.h>
#include <utility>

#include <weir/net/inbox.h>
#include <weir/net/resolver.h>

namespace weir::net {

struct LookupRequest {
  Resolver* owner;  ///< null once it is called back or the resolver is gone
  std::uint64_t number;
  Endpoint endpoint;
  Resolver::OnResolved on_resolved;

  LookupRequest(Resolver& resolver, std::uint64_t own_number, const Endpoint& looked_for, Resolver::OnResolved callback)
      : owner(&resolver), number(own_number), endpoint(looked_for), on_resolved(std::move(callback)) {}
  ~LookupRequest() {
    if (owner != nullptr) owner->forget(*this);
  }
  LookupRequest(const LookupRequest&) = delete;
  LookupRequest& operator=(const LookupRequest&) = delete;
};

namespace {

LookupAnswerPtr literal_answer(const Endpoint& endpoint) {
  auto answer = std::make_shared<LookupAnswer>();
  if (auto address = SocketAddress::of_literal(endpoint)) {
    answer->addresses.push_back(std::move(address).value());
  } else {
    answer->error = address.error().message;
  }
  return answer;
}

}  // namespace

Lookup::Lookup() = default;
Lookup::Lookup(Lookup&& other) noexcept = default;
Lookup& Lookup::operator=(Lookup&& other) noexcept = default;
Lookup::~Lookup() = default;
Lookup::Lookup(std::unique_ptr<LookupRequest> request) : request_(std::move(request)) {}

bool Lookup::is_pending() const { return request_ != nullptr && request_->owner != nullptr; }

Resolver::Resolver(Loop& loop) : loop_(loop) {}

Resolver::~Resolver() {
  if (mailbox_ != nullptr) mailbox_->close();
  for (const auto& [number, request] : pending_) {
    request->owner = nullptr;
    NameLookups::of_process().withdraw(request->endpoint.host, *mailbox_, number);
  }
}

Lookup Resolver::resolve(const Endpoint& endpoint, OnResolved on_resolved) {
  if (inbox_ == nullptr) {
    inbox_ = std::make_unique<Inbox>(loop_);
    inbox_->keep_loop_alive(false);
    mailbox_ = std::make_shared<LookupMailbox>(*inbox_, *this);
  }
  const std::uint64_t number = next_number_++;
  auto request = std::make_unique<LookupRequest>(*this, number, endpoint, std::move(on_resolved));
  pending_.emplace(number, request.get());
  inbox_->keep_loop_alive(true);
  if (SocketAddress::is_literal(endpoint)) {
    mailbox_->put(number, literal_answer(endpoint));
  } else {
    NameLookups::of_process().ask(endpoint.host, endpoint.port, mailbox_, number);
  }
  return Lookup(std::move(request));
}

void Resolver::on_answer(std::uint64_t number, const LookupAnswer& answer) {
  const auto found = pending_.find(number);
  if (found == pending_.end()) return;
  LookupRequest& request = *found->second;
  request.owner = nullptr;
  remove(number);
  // The callback may end its own lookup.
  const OnResolved on_resolved = std::move(request.on_resolved);
  if (answer.addresses.empty()) {
    const Endpoint& endpoint = request.endpoint;
    on_resolved(endpoint.kind == Endpoint::Kind::unix_socket
                    ? Error{answer.error}
                    : Error{fmt::format("cannot resolve {}: {} (is the name right, does DNS answer?)", endpoint.host,
                                        answer.error)});
    return;
  }
  std::vector<SocketAddress> addresses = answer.addresses;
  for (SocketAddress& address : addresses) address.set_port(request.endpoint.port);
  on_resolved(std::move(addresses));
}

void Resolver::forget(const LookupRequest& request) {
  remove(request.number);
  NameLookups::of_process().withdraw(request.endpoint.host, *mailbox_, request.number);
}

void Resolver::remove(std::uint64_t number) {
  pending_.erase(number);
  if (pending_.empty()) inbox_->keep_loop_alive(false);
}

}  // namespace weir::net
