#include "access.h"
#include "audit.h"
#include "desk.h"
#include "endpoints.h"
#include "query.h"
#include "session.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include <weir/admin/server.h>
#include <weir/base/log.h>
#include <weir/net/deadlines.h>

namespace weir::admin {

namespace {

std::optional<Answer> refuse_parameters(const Endpoint& endpoint, const Request& request) {
  if (!endpoint.parameters) return std::nullopt;
  QueryReader query(request.query);
  query.refuse_others(*endpoint.parameters);
  if (query.is_ok()) return std::nullopt;
  if (endpoint.is_audited) audit(request, 400);
  return problem_answer(400, query.problem());
}

}  // namespace

class Server::Impl final : public SessionHost {
 public:
  Impl(net::Loop& loop, net::ListeningSocket socket, Bookkeeper& bookkeeper, ServerSetup setup)
      : loop_(loop),
        setup_(std::move(setup)),
        access_(setup_.options, setup_.jwt),
        desk_(loop, bookkeeper, setup_, access_),
        deadlines_(loop),
        self_(std::make_shared<Impl*>(this)),
        listener_(loop, std::move(socket), [this](net::Accepted accepted) { accept(std::move(accepted)); }) {}

  ~Impl() {
    // Ending one may take it out of the list, though only the reaper destroys it.
    std::vector<Session*> sessions;
    for (const auto& [id, session] : sessions_) sessions.push_back(session.get());
    for (Session* session : sessions) session->end_live();
  }

  const net::Endpoint& endpoint() const { return listener_.endpoint(); }

  void reconfigure(ServerSetup setup) {
    setup_ = std::move(setup);
    access_.reconfigure(setup_.options, setup_.jwt);
    end_answers_of_strangers();
  }

  std::optional<Answer> refuse(Request& request) override;
  std::size_t body_limit(const Request& request) const override;
  void handle(Session& session, Request request) override;
  void remove(Session& session) override;

 private:
  void accept(net::Accepted accepted);
  bool make_room();
  void end_answers_of_strangers();
  void note_turned_away();

  net::Loop& loop_;
  ServerSetup setup_;
  Access access_;
  AdminFields fields_;
  Desk desk_;
  net::Deadlines deadlines_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Session>> sessions_;
  std::uint64_t next_session_ = 1;
  std::uint64_t turned_away_ = 0;  ///< and not in the log yet
  TimePoint next_note_{};
  std::shared_ptr<Impl*> self_;  ///< what a reply under way holds weakly
  net::Listener listener_;
};

void Server::Impl::accept(net::Accepted accepted) {
  if (sessions_.size() >= setup_.limits.connections && !make_room()) return note_turned_away();
  const std::uint64_t id = next_session_++;
  const Session::Parts parts{loop_, deadlines_, fields_, setup_.limits, setup_.tls, *this};
  Session& session = *(sessions_[id] = std::make_unique<Session>(parts, std::move(accepted), id));
  session.start();
}

/// The connection that has been idle longest makes room for a new one. Where none is idle, whoever has been dribbling
/// longest: else a few slow clients could keep everybody out.
bool Server::Impl::make_room() {
  constexpr Nanos kPatience = 100ms;
  const TimePoint now = Clock::now();
  Session* first = nullptr;
  for (const auto& [id, session] : sessions_) {
    const bool may_go =
        session->is_idle() || (session->waits_for_client() && now - session->waits_since() >= kPatience);
    if (!may_go) continue;
    const auto order_of = [](const Session& one) { return std::pair(!one.is_idle(), one.waits_since()); };
    if (first == nullptr || order_of(*session) < order_of(*first)) first = session.get();
  }
  if (first != nullptr) first->close();
  return first != nullptr;
}

/// A live answer ends where a reload took away what had opened it.
void Server::Impl::end_answers_of_strangers() {
  std::vector<Session*> strangers;
  for (const auto& [id, session] : sessions_) {
    if (session->is_live() && !access_.still_admits(session->caller())) strangers.push_back(session.get());
  }
  for (Session* stranger : strangers) stranger->end_live();
}

/// A flood of connections is no flood of lines.
void Server::Impl::note_turned_away() {
  constexpr Nanos kInterval = 10s;
  ++turned_away_;
  const TimePoint now = Clock::now();
  if (now < next_note_) return;
  next_note_ = now + kInterval;
  log::warning("admin connections were turned away: all are in use",
               {{"connections", sessions_.size()}, {"turned_away", std::exchange(turned_away_, 0)}});
}

std::optional<Answer> Server::Impl::refuse(Request& request) {
  const Endpoint* endpoint = find_endpoint(request.method, request.path);
  // Who may not look is not told what there is to see.
  const Role role = endpoint == nullptr ? Role::read : endpoint->role;
  if (auto refusal = access_.refuse(request, role, {Clock::now(), WallClock::now()})) {
    // Of strangers there may be any number.
    if (endpoint != nullptr && endpoint->is_audited && request.caller.by != Caller::By::nothing) {
      audit(request, refusal->status);
    }
    return refusal;
  }
  if (endpoint != nullptr) return refuse_parameters(*endpoint, request);
  const std::string allowed = request.path == "*" ? "GET, HEAD, POST, OPTIONS" : allowed_methods(request.path);
  if (allowed.empty()) return problem_answer(404, "there is no such call (the README lists all that there are)");
  Answer answer = request.method == Method::options
                      ? Answer{204, {}, {}, {}}
                      : problem_answer(405, fmt::format("this call takes {}", allowed));
  answer.fields.emplace_back("Allow", allowed);
  return answer;
}

std::size_t Server::Impl::body_limit(const Request& request) const {
  const Endpoint* endpoint = find_endpoint(request.method, request.path);
  const bool is_trusted = endpoint->role != Role::open && endpoint->role != Role::page;
  return is_trusted ? setup_.limits.body_bytes : setup_.limits.open_body_bytes;
}

void Server::Impl::handle(Session& session, Request request) {
  const Endpoint* endpoint = find_endpoint(request.method, request.path);
  Reply reply = [self = std::weak_ptr<Impl*>(self_), id = session.id()](const Answer& answer) {
    const std::shared_ptr<Impl*> server = self.lock();
    if (server == nullptr) return;
    const auto found = (*server)->sessions_.find(id);
    if (found != (*server)->sessions_.end()) found->second->answer(answer);
  };
  endpoint->handle(desk_, request, endpoint->is_audited ? audited(request, std::move(reply)) : std::move(reply));
}

void Server::Impl::remove(Session& session) {
  auto node = sessions_.extract(session.id());
  if (!node.empty()) loop_.reaper().take(std::move(node.mapped()));
}

Server::Server(net::Loop& loop, net::ListeningSocket socket, Bookkeeper& bookkeeper, ServerSetup setup)
    : impl_(std::make_unique<Impl>(loop, std::move(socket), bookkeeper, std::move(setup))) {}

Server::~Server() = default;

const net::Endpoint& Server::endpoint() const { return impl_->endpoint(); }

void Server::reconfigure(ServerSetup setup) { impl_->reconfigure(std::move(setup)); }

}  // namespace weir::admin
