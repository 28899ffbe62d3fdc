#include "attempt.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <utility>

#include <weir/base/check.h>

namespace weir::proxy {
namespace {

/// RFC 8305 section 5: the time from one address to the next, at most.
constexpr Nanos kMaxDelay = 250ms;
/// Waits for a lookup that a failure has asked for get this part of `timeouts.connect`: what is known must be tried as well.
constexpr int kPartForDoubt = 2;
/// A lookup that took more than this part of the time leaves too little to hold a slow connection against the server.
constexpr int kPartForName = 8;

constexpr std::string_view kNoPlace =
    "all connections to the app are busy (max_connections) and none came free in time";
constexpr std::string_view kTooSlow = "the app did not take the connection within timeouts.connect";
constexpr std::string_view kNameTooSlow = "the name of the app's server was not resolved within timeouts.connect";

/// Whether a connection failed because weir has nothing left to make it with: descriptors, memory.
bool is_own_shortage(int error) {
  return error == -EMFILE || error == -ENFILE || error == -ENOMEM || error == -ENOBUFS;
}

}  // namespace

Attempt::Attempt(UpstreamPool& pool, ConnectionWaiter& waiter, UpstreamServer& server)
    : pool_(pool), server_(server), waiter_(&waiter) {}

Attempt::~Attempt() = default;

void Attempt::wait_for_place(TimePoint now) {
  state_ = State::place;
  pool_.deadlines_.arm(*this, now, pool_.options_.timeouts.connect);
}

void Attempt::begin(TimePoint now) {
  begun_ = now;
  waiter_->on_place(now);
  ServerAddresses& addresses = *server_.addresses;
  if (addresses.is_empty()) addresses.look_again(now);
  if (!addresses.is_empty() && !addresses.is_in_doubt()) {
    connect(now);
    return;
  }
  state_ = State::name;
  const Nanos whole = pool_.options_.timeouts.connect;
  pool_.deadlines_.arm(*this, now, addresses.is_empty() ? whole : whole / kPartForDoubt);
}

void Attempt::on_looked_up(TimePoint now, const std::string& error) {
  if (server_.addresses->is_empty()) {
    fail(Fault::connect_failed, false, error.empty() ? "its host name has no address" : error, now);
  } else {
    connect(now);
  }
}

void Attempt::connect(TimePoint now) {
  state_ = State::connecting;
  connecting_since_ = now;
  addresses_ = server_.addresses->in_order();
  try_next(now);
}

void Attempt::try_next(TimePoint now) {
  const ServerAddresses::Entry& to = addresses_[tried_++];
  auto made = std::make_unique<UpstreamConnection>(pool_, server_);
  UpstreamConnection& connection = *made;
  connection.begun_ = begun_;
  connection.attempt_ = this;
  connection.address_ = to.id;
  pending_.push_back(std::move(made));
  if (server_.options.is_tls) connection.stream_.start_tls_client(pool_.tls_, pool_.options_.tls_name(server_.options));
  if (!connection.stream_.connect(to.address)) {
    // There are no file descriptors, for example. The waiter relies on being told later.
    connection.is_stillborn_ = true;
    if (token_ == nullptr) token_ = std::make_unique<net::OwnerToken>();
    pool_.loop_.reaper().later(*token_, [this] { bury_stillborn(); });
  }
  const Nanos delay = std::min<Nanos>(pool_.options_.timeouts.connect / addresses_.size(), kMaxDelay);
  next_due_ = now + delay;
  arm(now);
}

void Attempt::bury_stillborn() {
  const auto found =
      std::find_if(pending_.begin(), pending_.end(), [](const auto& entry) { return entry->is_stillborn_; });
  if (found != pending_.end()) on_connected(**found, (*found)->stream_.last_error());
}

/// For whatever comes first: the next address or the end.
void Attempt::arm(TimePoint now) {
  const TimePoint end = begun_ + pool_.options_.timeouts.connect;
  const TimePoint due = tried_ < addresses_.size() ? std::min(next_due_, end) : end;
  pool_.deadlines_.arm(*this, now, std::max<Nanos>(due - now, 1ns));
}

void Attempt::on_deadline() {
  const TimePoint now = Clock::now();
  switch (state_) {
    case State::place:
      fail(Fault::overloaded, false, std::string(kNoPlace), now);
      return;
    case State::name:
      if (!server_.addresses->is_empty()) {
        server_.addresses->stop_doubting();
        connect(now);
      } else {
        fail(Fault::connect_timeout, true, std::string(kNameTooSlow), now);
      }
      return;
    case State::connecting: {
      const Nanos whole = pool_.options_.timeouts.connect;
      if (tried_ < addresses_.size() && now - begun_ < whole) {
        try_next(now);
        return;
      }
      fail(Fault::connect_timeout, connecting_since_ - begun_ <= whole / kPartForName, std::string(kTooSlow), now);
      return;
    }
    case State::over:
      return;
  }
}

void Attempt::on_connected(UpstreamConnection& connection, int error) {
  WEIR_CHECK(state_ == State::connecting, "a connection's attempt is not connecting");
  if (error == 0) {
    succeed(take_out(connection), Clock::now());
  } else {
    on_refused(connection, error);
  }
}

void Attempt::on_refused(UpstreamConnection& connection, int error) {
  const TimePoint now = Clock::now();
  std::string reason = connection.stream_.failure_text();
  pool_.close(take_out(connection));
  has_own_shortage_ |= is_own_shortage(error);
  // Without IPv6, say, there is no address here for some of the server's. Where that is so for all of them, there may
  // be no local port left.
  if (error == -EADDRNOTAVAIL) {
    ++unavailable_;
    if (reason_.empty()) reason_ = std::move(reason);
  } else {
    reason_ = std::move(reason);
  }
  if (tried_ < addresses_.size()) {
    try_next(now);
    return;
  }
  if (!pending_.empty()) return;
  if (has_own_shortage_ || unavailable_ == addresses_.size()) {
    // It says nothing of the server.
    if (pool_.on_shortage_) pool_.on_shortage_();
    fail(Fault::overloaded, false,
         fmt::format("weir has nothing left to make a connection to the app with: {}", reason_), now);
  } else {
    fail(Fault::connect_failed, true, reason_, now);
  }
}

void Attempt::succeed(std::unique_ptr<UpstreamConnection> connection, TimePoint now) {
  connection->attempt_ = nullptr;
  close_pending();
  // The place is the connection's from here on.
  ConnectionWaiter* const waiter = pool_.end(*this);
  pool_.note_success(server_, now);
  server_.addresses->prefer(connection->address_, addresses_.front().id);
  connection->stream_.start_reading();
  waiter->on_connection(std::move(connection));
}

void Attempt::fail(Fault fault, bool is_servers_fault, const std::string& reason, TimePoint now) {
  const ServerId server = state_ == State::place ? kNoServer : server_.id;
  close_pending();
  const bool had_place = has_place();
  ConnectionWaiter* const waiter = pool_.end(*this);
  if (had_place) pool_.free_place(server_);
  if (is_servers_fault) pool_.note_failure(server_, begun_, now);
  waiter->on_no_connection(fault, server, reason);
  if (had_place) pool_.serve_queue();
}

void Attempt::close_pending() {
  for (auto& connection : std::exchange(pending_, {})) pool_.close(std::move(connection));
}

std::unique_ptr<UpstreamConnection> Attempt::take_out(UpstreamConnection& connection) {
  const auto found =
      std::find_if(pending_.begin(), pending_.end(), [&](const auto& entry) { return entry.get() == &connection; });
  WEIR_CHECK(found != pending_.end(), "a connection is not where its attempt believes it to be");
  std::unique_ptr<UpstreamConnection> taken = std::move(*found);
  pending_.erase(found);
  return taken;
}

}  // namespace weir::proxy
