#include "health_probe.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include <weir/base/bytes.h>
#include <weir/base/check.h>
#include <weir/base/log.h>
#include <weir/net/timer.h>
#include <weir/proxy/health_checker.h>

namespace weir::proxy {
namespace {

/// How often it is looked whether a server without active checks has failed, and then whether it takes connections.
constexpr Nanos kLookAgain = 2s;
constexpr Nanos kMaxConnectTime = 1500ms;
/// First checks are spread over so much of their interval, so that a hundred servers are not asked at once.
constexpr double kSpread = 0.5;

/// A random part of `whole`.
Nanos part_of(Nanos whole) {
  std::uint32_t random = 0;
  random_bytes(reinterpret_cast<char*>(&random), sizeof random);
  return std::chrono::duration_cast<Nanos>(whole * kSpread * (static_cast<double>(random) / 4294967296.0));
}

std::string host_of(const HealthCheckOptions& options, const net::Endpoint& server) {
  if (!options.host.empty()) return options.host;
  return server.kind == net::Endpoint::Kind::unix_socket ? "localhost" : server.to_string();
}

std::string request_of(const HealthCheckOptions& options, const net::Endpoint& server, const std::string& user_agent) {
  const auto is_given = [&](std::string_view name) {
    return std::any_of(options.headers.begin(), options.headers.end(),
                       [&](const NamedSecret& header) { return equals_ignoring_case(header.name, name); });
  };
  std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n", options.path, host_of(options, server));
  if (!is_given("User-Agent")) request += fmt::format("User-Agent: {}\r\n", user_agent);
  if (!is_given("Accept")) request += "Accept: */*\r\n";
  for (const NamedSecret& header : options.headers) request += fmt::format("{}: {}\r\n", header.name, header.value);
  return request + "Connection: close\r\n\r\n";
}

}  // namespace

/// One server.
class HealthChecker::Watch {
 public:
  Watch(net::Loop& loop, const std::string& user_agent)
      : loop_(loop), user_agent_(user_agent), timer_(loop, [this] { look(); }) {}
  ~Watch() { let_go(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void configure(const Plan::Upstream& upstream, std::size_t index) {
    const bool is_as_it_was = health_ != nullptr && upstream_ == upstream.options.name &&
                              options_ == upstream.options.health_check && server_ == upstream.options.servers[index];
    const bool was_checked = options_.is_on;
    upstream_ = upstream.options.name;
    options_ = upstream.options.health_check;
    server_ = upstream.options.servers[index];
    connect_time_ = std::min(upstream.options.timeouts.connect, kMaxConnectTime);
    tls_ = server_.is_tls ? upstream.tls : nullptr;
    tls_name_ = upstream.options.tls_name(server_);
    id_ = upstream.servers[index];
    health_ = upstream.health[index];
    if (is_as_it_was) return;
    let_go();
    in_a_row_ = 0;
    if (was_checked && !options_.is_on) health_->forget_verdict(Clock::now());
    if (options_.is_on) {
      timer_.start(part_of(std::min<Nanos>(options_.interval, 1s)), options_.interval);
    } else {
      timer_.start(kLookAgain, kLookAgain);
    }
  }

  ServerReport report() const {
    return {.server = id_,
            .upstream = upstream_,
            .url = server_.url(),
            .state = health_->state(),
            .is_checked = options_.is_on,
            .check = newest_};
  }

 private:
  void look() {
    if (probe_ != nullptr || (!options_.is_on && !health_->is_failing())) return;
    HealthProbe::Target target;
    target.address = server_.address;
    target.tls = tls_;
    target.tls_name = tls_name_;
    target.timeout = options_.is_on ? options_.timeout : connect_time_;
    if (options_.is_on) {
      target.request = request_of(options_, server_.address, user_agent_);
      target.request_name = fmt::format("GET {}, Host {}", options_.path, host_of(options_, server_.address));
      target.options = options_;
    }
    probe_ = std::make_unique<HealthProbe>(loop_, std::move(target),
                                           [this](const HealthProbe::Outcome& outcome) { on_outcome(outcome); });
  }

  void on_outcome(const HealthProbe::Outcome& outcome) {
    WEIR_CHECK(probe_ != nullptr, "a probe told its outcome before it was made or after it had ended");
    loop_.reaper().take(std::move(probe_));
    newest_ = {.at = WallClock::now(), .is_good = outcome.is_good, .outcome = outcome.text, .latency = outcome.latency};
    const TimePoint now = Clock::now();
    if (options_.is_on) count(outcome, now);
    if (outcome.is_good) {
      if (health_->note_success(now)) say(log::Level::info, "a server can be reached again");
    } else if (health_->is_failing()) {
      // It goes on resting, so that no request has to find out.
      health_->note_failure(outcome.begun, now);
    }
  }

  /// Whether so many checks in a row have come out alike that the verdict changes.
  void count(const HealthProbe::Outcome& outcome, TimePoint now) {
    if (outcome.is_good != last_was_good_) in_a_row_ = 0;
    last_was_good_ = outcome.is_good;
    ++in_a_row_;
    const bool is_first = outcome.is_good && !health_->is_down();
    if (in_a_row_ < (outcome.is_good ? options_.healthy_after : options_.unhealthy_after) && !is_first) return;
    const bool was_down = health_->is_down();
    const bool is_news = health_->judge(outcome.is_good ? ServerState::healthy : ServerState::unhealthy, now);
    if (!is_news) return;
    if (!outcome.is_good) say(log::Level::warning, "a server is unhealthy and gets no more requests");
    if (outcome.is_good && was_down) say(log::Level::info, "a server is healthy again");
  }

  void say(log::Level level, std::string_view what) const {
    log::write(level, what, {{"upstream", upstream_}, {"server", server_.url()}, {"check", newest_->outcome}});
  }

  void let_go() {
    timer_.stop();
    if (probe_ == nullptr) return;
    probe_->cancel();
    loop_.reaper().take(std::move(probe_));
  }

  net::Loop& loop_;
  const std::string& user_agent_;
  net::Timer timer_;
  std::unique_ptr<HealthProbe> probe_;  ///< while one is under way
  std::string upstream_;
  HealthCheckOptions options_;
  ServerOptions server_;
  net::TlsClientContextPtr tls_;
  std::string tls_name_;
  Nanos connect_time_{};
  ServerId id_;
  ServerHealthPtr health_;
  std::optional<ServerReport::Check> newest_;
  std::uint32_t in_a_row_ = 0;
  bool last_was_good_ = false;
};

HealthChecker::HealthChecker(net::Loop& loop, std::string user_agent)
    : loop_(loop), user_agent_(std::move(user_agent)) {}

HealthChecker::~HealthChecker() = default;

void HealthChecker::configure(const PlanPtr& plan) {
  std::vector<std::unique_ptr<Watch>> former = std::exchange(watches_, {});
  former.resize(std::max(former.size(), plan->server_urls.size()));
  watches_.resize(former.size());
  for (const Plan::Upstream& upstream : plan->upstreams) {
    if (upstream.is_gone) continue;
    for (std::size_t i = 0; i < upstream.servers.size(); ++i) {
      const std::size_t id = upstream.servers[i].index();
      if (watches_[id] != nullptr) continue;  // named twice
      watches_[id] = former[id] != nullptr ? std::move(former[id]) : std::make_unique<Watch>(loop_, user_agent_);
      watches_[id]->configure(upstream, i);
    }
  }
}

std::vector<ServerReport> HealthChecker::reports() const {
  std::vector<ServerReport> reports;
  for (const auto& watch : watches_) {
    if (watch != nullptr) reports.push_back(watch->report());
  }
  return reports;
}

}  // namespace weir::proxy
