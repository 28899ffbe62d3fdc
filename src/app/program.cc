#include "program.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include <weir/app/version.h>
#include <weir/base/log.h>
#include <weir/base/memory.h>
#include <weir/proto/http1/protocol.h>
#include <weir/route/decisions_file.h>

#include "process.h"
#include "scheduling.h"

namespace weir::app {
namespace {

std::string_view access_of(const admin::AdminOptions& options) {
  const bool is_path = options.address.kind == net::Endpoint::Kind::unix_socket;
  if (!options.needs_credential()) return is_path ? "open (whoever may write to the socket)" : "open (loopback)";
  if (!options.jwt.is_on()) return "token";
  return options.tokens.empty() ? "jwt" : "token or jwt";
}

}  // namespace

void log_warnings(const std::vector<config::Warning>& warnings) {
  for (const config::Warning& warning : warnings) {
    log::warning("configuration warning", {{"warning", warning.to_string()}});
  }
}

struct Program::Opened {
  std::vector<ListenerSockets> listeners;
  net::ListeningSocket admin;
  std::optional<net::DatagramSocket> statsd;
  TlsContexts tls;
  std::vector<route::Decision> decisions;
};

Result<std::unique_ptr<Program>> Program::assemble(config::Options options, Reload reload) {
  log::configure(options.log.level, options.log.format);
  const std::size_t workers = options.workers == 0 ? usable_cpus() : options.workers;
  std::unique_ptr<Program> program(new Program(std::move(options), std::move(reload), workers));
  const config::Options& chosen = program->options_;
  if (chosen.log.has_access_log()) {
    auto log = proxy::AccessLog::open(chosen.log.access, chosen.log.format);
    if (!log) return log.error();
    program->access_log_ = std::move(log).value();
  }
  auto decisions = route::load_decisions(chosen.route_learning.file);
  if (!decisions) return decisions.error();
  auto tls = TlsContexts::load(chosen);
  if (!tls) return tls.error();
  auto jwt = load_jwt(chosen);
  if (!jwt) return jwt.error();
  program->admin_keys_ = {jwt.value(), tls.value().admin};
  auto admin = net::ListeningSocket::open(chosen.admin.address, false);
  if (!admin) return admin.error();
  Opened opened{.listeners = {},
                .admin = std::move(admin).value(),
                .statsd = {},
                .tls = std::move(tls).value(),
                .decisions = std::move(decisions).value()};
  if (chosen.statsd.address) {
    auto statsd = net::DatagramSocket::open(*chosen.statsd.address);
    if (!statsd) return statsd.error();
    opened.statsd = std::move(statsd).value();
  }
  auto listeners = open_listeners(chosen.listeners, {}, workers);
  if (!listeners) return listeners.error();
  opened.listeners = std::move(listeners).value();
  program->start(std::move(opened));
  return program;
}

Program::Program(config::Options options, Reload reload, std::size_t workers)
    : options_(std::move(options)), reload_(std::move(reload)), worker_count_(workers) {}

Program::~Program() = default;

void Program::start(Opened opened) {
  std::signal(SIGPIPE, SIG_IGN);
  inbox_.emplace(loop_);
  descriptors_ = raise_descriptor_limit();
  plan_ = make_plan(opened.tls);
  bookkeeper_.emplace(loop_, keeping());
  bookkeeper_->configure(numbering_.make_routes(options_));
  const Status decided =
      bookkeeper_->change_book([&](route::RouteBook& book) { return book.decide(opened.decisions); });
  if (!decided) log::warning(decided.error().message, {{"file", options_.route_learning.file}});
  for (std::size_t i = 0; i < worker_count_; ++i) add_worker(i, opened.listeners);
  checker_.emplace(loop_, std::string("weir/") + version() + " (health check)");
  checker_->configure(plan_);
  admin_.emplace(loop_, std::move(opened.admin), *bookkeeper_, admin_setup());
  receive_statsd(std::move(opened.statsd));
  work_.emplace(loop_);
  signals_.emplace(loop_, std::vector{SIGTERM, SIGINT, SIGHUP, SIGUSR1}, [this](int number) { on_signal(number); });
  for (const ListenerSockets& listener : opened.listeners) announce(listener);
}

void Program::add_worker(std::size_t index, std::vector<ListenerSockets>& listeners) {
  proxy::Worker::Parts parts;
  parts.plan = plan_;
  parts.table = bookkeeper_->table();
  for (ListenerSockets& listener : listeners) {
    const std::size_t place = numbering_.listener(options_.listeners, listener.index);
    parts.sockets.push_back({place, std::move(listener.by_worker[index])});
  }
  parts.protocol = [](proxy::Worker& worker) { return proto::http1::make_protocol(worker); };
  parts.on_batch = bookkeeper_->wake_up();
  parts.shared = &shared_;
  proxy::Worker& worker = *workers_.emplace_back(std::make_unique<proxy::Worker>(std::move(parts)));
  bookkeeper_->add_worker({
      .handoff = &worker.handoff(),
      .ask = [&worker](std::function<void(bool)> reply) { worker.ask(std::move(reply)); },
      .publish = [&worker](std::shared_ptr<const route::Table> table) { worker.publish(std::move(table)); },
      .set_watched = [&worker](bool is_watched) { worker.set_watched(is_watched); },
  });
}

/// By the options at hand. Clients that the descriptors would not do for are better refused than left without a word.
proxy::PlanPtr Program::make_plan(const TlsContexts& tls) {
  std::uint64_t upstream_connections = 0;
  for (const proxy::UpstreamOptions& upstream : options_.upstreams) upstream_connections += upstream.max_connections;
  const std::uint32_t wanted = options_.limits.connections;
  const std::uint32_t connections = affordable_connections(wanted, upstream_connections, descriptors_);
  if (connections < wanted) {
    log::warning(
        "too few file descriptors for limits.connections, which is taken as less: raise them (ulimit -n, LimitNOFILE)",
        {{"descriptors", descriptors_}, {"limits.connections", wanted}, {"taken_as", connections}});
  }
  proxy::AccessLog* access_log = options_.log.has_access_log() ? access_log_.get() : nullptr;
  return numbering_.make_plan(options_, connections, tls, worker_count_, access_log);
}

admin::BookkeeperOptions Program::keeping() const {
  admin::BookkeeperOptions keeping;
  keeping.limits = {.slow = options_.measure.slow_log_size, .errors = options_.measure.error_log_size};
  keeping.routes = {.is_learning = options_.route_learning.enabled, .max_routes = options_.route_learning.max_routes};
  keeping.counts_networks = options_.measure.client_networks;
  keeping.slow_threshold = options_.measure.slow_threshold;
  keeping.servers = plan_->server_urls;
  keeping.upstreams = plan_->server_upstreams;
  return keeping;
}

admin::ServerSetup Program::admin_setup() {
  admin::ServerSetup setup;
  setup.options = options_.admin;
  setup.jwt = admin_keys_.jwt;
  setup.tls = admin_keys_.tls;
  setup.health = options_.health;
  setup.name = options_.shown_name();
  setup.version = version();
  setup.max_routes = options_.route_learning.max_routes;
  setup.routes_file = options_.route_learning.file;
  setup.user_source = options_.measure.user.describe();
  setup.tenant_source = options_.measure.tenant.describe();
  if (options_.measure.client_networks) setup.network_source = "client address (/24 of IPv4, /48 of IPv6)";
  setup.config_json = [this] {
    config::Options shown = options_;
    shown.name = options_.shown_name();
    return config::print_json(shown, config::Secrets::masked);
  };
  setup.readiness = [this] { return readiness(); };
  setup.services = [this] { return services(); };
  setup.statsd = [this] { return statsd(); };
  setup.connections = [this] { return connections(); };
  return setup;
}

void Program::announce(const ListenerSockets& listener) const {
  const std::size_t place = numbering_.listener(options_.listeners, listener.index);
  const std::optional<UpstreamId> upstream = plan_->listeners[place].upstream;
  std::string servers;
  if (upstream) {
    for (const ServerId server : plan_->upstreams[upstream->index()].servers) {
      servers += (servers.empty() ? "" : ",") + plan_->server_url(server);
    }
  }
  log::info("listening", {{"address", listener.bound.to_string()},
                          {"upstream", upstream ? plan_->upstreams[upstream->index()].options.name : "by route"},
                          {"servers", servers}});
}

void Program::announce_admin() const {
  log::info("admin", {{"address", admin_->endpoint().to_string()},
                      {"tls", options_.admin.tls.is_on()},
                      {"access", access_of(options_.admin)}});
}

void Program::start_threads() {
  // They belong to the control thread alone: the threads started meanwhile never see one.
  const SignalsBlocked no_signals;
  workers_left_ = workers_.size();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    threads_.emplace_back([this, i] {
      ask_for_short_turns();
      workers_[i]->run();
      inbox_->post([this, i] { on_worker_ended(i); });
    });
  }
}

void Program::run() {
  start_threads();
  announce_admin();
  log::info("weir is ready", {{"version", version()}, {"workers", worker_count_}, {"pid", getpid()}});
  give_back_freed_memory();
  give_back_start_up_code();
  loop_.run();
  for (std::thread& thread : threads_) thread.join();
  admin_.reset();
  signals_.reset();
  checker_.reset();
  statsd_.reset();
  bookkeeper_.reset();
  workers_.clear();
  work_.reset();
  inbox_.reset();
  log::info("weir has stopped");
}

void Program::on_signal(int number) {
  switch (number) {
    case SIGUSR1:
      if (access_log_ != nullptr) access_log_->reopen();
      log::info("the log files are opened anew");
      break;
    case SIGHUP:
      reload();
      break;
    default:
      drain();
  }
}

void Program::drain() {
  if (is_draining_) {
    log::warning("stopping at once");
    for (auto& worker : workers_) worker->stop();
    return;
  }
  is_draining_ = true;
  // Relaxed: for people to read.
  const std::uint32_t connections = shared_.connections.load(std::memory_order_relaxed);
  log::info("draining: no new connections, requests under way are finished",
            {{"connections", connections}, {"limit_seconds", seconds(options_.timeouts.drain)}});
  for (auto& worker : workers_) worker->drain(options_.timeouts.drain);
}

void Program::on_worker_ended(std::size_t index) {
  bookkeeper_->worker_ended(index);
  if (--workers_left_ == 0) loop_.stop();
}

void Program::reload() {
  if (is_draining_) return;
  if (reloading_ != Reloading::no) {
    reloading_ = Reloading::and_again;
    return;
  }
  reloading_ = Reloading::yes;
  const auto loaded = std::make_shared<config::Loaded>();
  work_->run([loaded, reload = reload_] { *loaded = reload(); },
             [this, loaded] {
               // The last worker to let go of it has closed the ports that are to be closed.
               const std::shared_ptr<void> until_over(nullptr,
                                                      [this](void*) { inbox_->post([this] { reload_is_over(); }); });
               finish_reload(std::move(*loaded), until_over);
             });
}

void Program::reload_is_over() {
  if (std::exchange(reloading_, Reloading::no) == Reloading::and_again) reload();
}

void Program::finish_reload(config::Loaded loaded, const std::shared_ptr<void>& until_over) {
  if (is_draining_) return;
  for (const std::string& problem : loaded.problems) {
    log::error("reload refused, the old configuration stays", {{"problem", problem}});
  }
  if (!loaded.is_ok()) return;
  log_warnings(loaded.warnings);
  const Status changed = change_to(std::move(loaded.options), until_over);
  if (changed) {
    log::info("the configuration was reloaded");
  } else {
    log::error("reload refused, the old configuration stays", {{"problem", changed.error().message}});
  }
}

/// The whole configuration or nothing of it: what can fail comes first.
Status Program::change_to(config::Options options, const std::shared_ptr<void>& until_over) {
  if (options.workers != options_.workers) return Error{"workers cannot change while weir runs: restart it"};
  const auto tls = TlsContexts::load(options);
  if (!tls) return tls.error();
  const auto jwt = load_jwt(options);
  if (!jwt) return jwt.error();
  std::optional<net::ListeningSocket> new_admin;
  if (options.admin.address != options_.admin.address) {
    auto opened = net::ListeningSocket::open(options.admin.address, false);
    if (!opened) return opened.error();
    new_admin = std::move(opened).value();
  }
  const bool statsd_moves = options.statsd.address != options_.statsd.address;
  std::optional<net::DatagramSocket> new_statsd;
  if (statsd_moves && options.statsd.address) {
    auto socket = net::DatagramSocket::open(*options.statsd.address);
    if (!socket) return socket.error();
    new_statsd = std::move(socket).value();
  }
  auto listeners = open_listeners(options.listeners, options_.listeners, worker_count_);
  if (!listeners) return listeners.error();
  std::vector<ListenerSockets> opened = std::move(listeners).value();
  if (const Status changed = change_access_log(options.log); !changed) return changed.error();

  options_ = std::move(options);
  admin_keys_ = {jwt.value(), tls.value().admin};
  log::configure(options_.log.level, options_.log.format);
  plan_ = make_plan(tls.value());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    std::vector<proxy::Worker::NewSocket> sockets;
    for (ListenerSockets& listener : opened) {
      sockets.push_back({numbering_.listener(options_.listeners, listener.index), std::move(listener.by_worker[i])});
    }
    workers_[i]->reload(plan_, std::move(sockets), until_over);
  }
  checker_->configure(plan_);
  bookkeeper_->reconfigure(keeping());
  bookkeeper_->configure(numbering_.make_routes(options_));
  if (new_admin) {
    admin_.emplace(loop_, std::move(*new_admin), *bookkeeper_, admin_setup());
    announce_admin();
  } else {
    admin_->reconfigure(admin_setup());
  }
  if (statsd_moves) receive_statsd(std::move(new_statsd));
  for (const ListenerSockets& listener : opened) announce(listener);
  return Done{};
}

/// Once opened it stays, turned off or not: workers hold on to it.
Status Program::change_access_log(const config::LogOptions& wanted) {
  if (wanted.access == options_.log.access && wanted.format == options_.log.format) return Done{};
  if (!wanted.has_access_log()) {
    if (access_log_ != nullptr) access_log_->turn_off();
    return Done{};
  }
  if (access_log_ != nullptr) return access_log_->change_to(wanted.access, wanted.format);
  auto log = proxy::AccessLog::open(wanted.access, wanted.format);
  if (!log) return log.error();
  access_log_ = std::move(log).value();
  return Done{};
}

Result<admin::JwtVerifierPtr> Program::load_jwt(const config::Options& options) {
  if (!options.admin.jwt.is_on()) return admin::JwtVerifierPtr();
  auto verifier = admin::JwtVerifier::load(options.admin.jwt);
  if (!verifier) return Error{fmt::format("admin.jwt: {}", verifier.error().message)};
  return verifier;
}

/// Nothing: turns it off.
void Program::receive_statsd(std::optional<net::DatagramSocket> socket) {
  statsd_.reset();
  bookkeeper_->set_source({});
  if (!socket) return;
  statsd_.emplace(loop_, std::move(*socket), [this](const stats::Event& event) {
    bookkeeper_->add_events({&event, 1});
  });
  bookkeeper_->set_source([this] { statsd_->take_all(); });
  log::info("statsd", {{"address", statsd_->datagrams().endpoint().to_string()}});
}

admin::Readiness Program::readiness() const {
  admin::Readiness answer;
  if (is_draining_) {
    answer.is_ready = false;
    answer.reasons.push_back("draining: weir is shutting down");
  }
  std::vector<std::string> reasons;
  for (const proxy::Plan::Upstream& upstream : plan_->upstreams) {
    if (upstream.is_gone) continue;
    const bool has_server = std::any_of(upstream.health.begin(), upstream.health.end(), [](const auto& health) {
      return health->state() != proxy::ServerState::unhealthy;
    });
    if (has_server) return answer;  // one that works is something to send traffic for
    reasons.push_back("upstream " + upstream.options.name + ": no server is healthy (see /admin/performance/services)");
  }
  answer.is_ready = false;
  answer.reasons.insert(answer.reasons.end(), reasons.begin(), reasons.end());
  return answer;
}

std::vector<exporter::Service> Program::services() const {
  std::vector<exporter::Service> services;
  for (proxy::ServerReport& report : checker_->reports()) {
    exporter::Service service{.server = report.server,
                              .upstream = std::move(report.upstream),
                              .url = std::move(report.url),
                              .state = label(report.state),
                              .is_checked = report.is_checked,
                              .check = std::nullopt};
    if (report.check) {
      service.check = {report.check->at, report.check->is_good, std::move(report.check->outcome),
                       report.check->latency};
    }
    services.push_back(std::move(service));
  }
  return services;
}

exporter::ConnectionFigures Program::connections() const {
  exporter::ConnectionFigures figures;
  for (std::size_t i = 0; i < count_of<proxy::Event>(); ++i) {
    const auto event = static_cast<proxy::Event>(i);
    if (event < proxy::Event::retry_denied) figures.events.push_back({label(event), shared_.events.of(event)});
  }
  // Relaxed: for people to read.
  figures.clients = shared_.connections.load(std::memory_order_relaxed);
  figures.upstreams = shared_.upstream_connections.load(std::memory_order_relaxed);
  figures.retries_denied = shared_.events.of(proxy::Event::retry_denied);
  figures.accept_pauses = shared_.events.of(proxy::Event::accept_paused);
  figures.exhausted = shared_.events.of(proxy::Event::exhausted);
  if (access_log_ != nullptr) figures.log_lines_dropped = access_log_->dropped_lines();
  return figures;
}

std::optional<exporter::StatsdFigures> Program::statsd() const {
  if (!statsd_) return std::nullopt;
  using proto::statsd::Outcome;
  exporter::StatsdFigures figures;
  figures.address = statsd_->datagrams().endpoint().to_string();
  figures.datagrams = statsd_->received();
  figures.dropped = statsd_->datagrams().dropped();
  figures.too_long = statsd_->datagrams().too_long();
  for (std::size_t i = 0; i < count_of<Outcome>(); ++i) {
    const auto outcome = static_cast<Outcome>(i);
    figures.lines.push_back({label(outcome), is_malformed(outcome), is_simplified(outcome), statsd_->lines(outcome)});
  }
  for (const auto& bad : statsd_->bad_lines()) figures.bad_lines.push_back({bad.at, label(bad.outcome), bad.text});
  return figures;
}

}  // namespace weir::app
