#include <algorithm>
#include <utility>

#include <weir/proxy/server_addresses.h>

namespace weir::proxy {

ServerAddresses::ServerAddresses(net::Deadlines& deadlines, net::Resolver& resolver, const net::Endpoint& server,
                                 OnLookedUp on_looked_up)
    : deadlines_(deadlines), resolver_(resolver), server_(server), on_looked_up_(std::move(on_looked_up)) {
  if (net::SocketAddress::is_literal(server_)) {
    if (const auto address = net::SocketAddress::of_literal(server_)) {
      entries_.push_back({.address = address.value(), .id = id_of(address.value())});
    }
  }
  is_name_ = entries_.empty();
  if (is_name_) look_up();
}

ServerAddresses::~ServerAddresses() = default;

std::vector<ServerAddresses::Entry> ServerAddresses::in_order() const {
  std::vector<Entry> ordered = entries_;
  const auto preferred =
      std::find_if(ordered.begin(), ordered.end(), [this](const Entry& entry) { return entry.id == preferred_; });
  if (preferred != ordered.end()) std::rotate(ordered.begin(), preferred, ordered.end());
  return ordered;
}

void ServerAddresses::prefer(std::uint32_t worked, std::uint32_t first) {
  if (worked == first || entries_.empty() || !has(worked)) return;
  const std::uint32_t first_now = has(preferred_) ? preferred_ : entries_.front().id;
  if (first_now == first) preferred_ = worked;
}

void ServerAddresses::look_again(TimePoint now) {
  if (!is_name_) return;
  if (lookup_.is_pending()) {
    is_in_doubt_ = !has_given_up_;
    return;
  }
  is_in_doubt_ = true;
  const Nanos wait = looked_up_ + kLeastBetween - now;
  if (wait <= Nanos::zero()) {
    look_up();
  } else {
    deadlines_.arm(*this, now, wait);
  }
}

void ServerAddresses::refresh(TimePoint now) {
  if (is_name_ && !lookup_.is_pending() && now - looked_up_ >= kGoodFor) look_up();
}

void ServerAddresses::on_deadline() {
  if (!lookup_.is_pending()) look_up();
}

void ServerAddresses::look_up() {
  deadlines_.disarm(*this);
  lookup_ =
      resolver_.resolve(server_, [this](const Result<std::vector<net::SocketAddress>>& found) { on_found(found); });
}

void ServerAddresses::on_found(const Result<std::vector<net::SocketAddress>>& found) {
  looked_up_ = Clock::now();
  is_in_doubt_ = false;
  has_given_up_ = false;
  if (found) {
    std::vector<Entry> entries;
    for (const net::SocketAddress& address : found.value()) {
      entries.push_back({.address = address, .id = id_of(address)});
    }
    entries_ = std::move(entries);
  }
  on_looked_up_(found ? std::string() : found.error().message);
}

std::uint32_t ServerAddresses::id_of(const net::SocketAddress& address) {
  const auto known =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.address == address; });
  return known != entries_.end() ? known->id : next_id_++;
}

}  // namespace weir::proxy
