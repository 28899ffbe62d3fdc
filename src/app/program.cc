#include "program.h"

#include <csignal>
#include <utility>

#include <pthread.h>

#include <weir/app/version.h>
#include <weir/base/log.h>
#include <weir/config/load.h>
#include <weir/proto/http1/protocol.h>

#include "assembly.h"
#include "process.h"

namespace weir::app {
namespace {

/// Signals belong to the control thread alone: a worker that was interrupted could not drain itself.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

/// One socket a worker on the same address: the kernel spreads the connections (SO_REUSEPORT). A Unix socket is one
/// socket under several descriptors.
Result<std::vector<net::ListeningSocket>> open_for_all(const net::Endpoint& endpoint, std::size_t workers) {
  std::vector<net::ListeningSocket> sockets;
  auto first = net::ListeningSocket::open(endpoint, true);
  if (!first) return first.error();
  const net::Endpoint bound = first.value().endpoint();
  sockets.push_back(std::move(first).value());
  while (sockets.size() < workers) {
    auto next = bound.kind == net::Endpoint::Kind::unix_socket ? sockets.front().duplicate()
                                                               : net::ListeningSocket::open_beside(sockets.front());
    if (!next) return next.error();
    sockets.push_back(std::move(next).value());
  }
  return sockets;
}

}  // namespace

struct Program::Sockets {
  std::vector<std::vector<net::ListeningSocket>> by_worker;
  net::ListeningSocket admin;
};

Result<std::unique_ptr<Program>> Program::assemble(config::Options options) {
  log::configure(options.log.level, options.log.format);
  const std::uint64_t descriptors = raise_descriptor_limit();
  std::uint64_t wanted = std::uint64_t{options.limits.connections} + 100;
  for (const proxy::UpstreamOptions& upstream : options.upstreams) wanted += upstream.max_connections;
  if (descriptors < wanted) {
    log::warning("the file descriptor limit is too low for limits.connections and max_connections: raise it (ulimit -n, LimitNOFILE)",
                 {{"limit", descriptors}, {"wanted", wanted}});
  }
  std::unique_ptr<proxy::AccessLog> access_log;
  if (options.log.has_access_log()) {
    auto opened = proxy::AccessLog::open(options.log.access, options.log.format);
    if (!opened) return opened.error();
    access_log = std::move(opened).value();
  }
  const std::size_t workers = options.workers == 0 ? usable_cpus() : options.workers;
  auto admin = net::ListeningSocket::open(options.admin.address, false);
  if (!admin) return admin.error();
  Sockets sockets{.by_worker = std::vector<std::vector<net::ListeningSocket>>(workers), .admin = std::move(admin).value()};
  std::vector<net::Endpoint> listening;
  for (const net::ListenerOptions& listener : options.listeners) {
    auto opened = open_for_all(listener.address, workers);
    if (!opened) return opened.error();
    listening.push_back(opened.value().front().endpoint());
    for (std::size_t i = 0; i < workers; ++i) sockets.by_worker[i].push_back(std::move(opened.value()[i]));
  }
  std::unique_ptr<Program> program(new Program(std::move(options), workers, std::move(access_log)));
  program->listening_ = std::move(listening);
  program->start(std::move(sockets));
  return program;
}

Program::Program(config::Options options, std::size_t workers, std::unique_ptr<proxy::AccessLog> log)
    : options_(std::move(options)), worker_count_(workers), access_log_(std::move(log)) {}

Program::~Program() = default;

void Program::start(Sockets sockets) {
  std::signal(SIGPIPE, SIG_IGN);
  inbox_.emplace(loop_);
  admin::BookkeeperOptions keeping;
  keeping.limits = {.slow = options_.measure.slow_log_size, .errors = options_.measure.error_log_size};
  keeping.routes = {.is_learning = options_.route_learning.enabled, .max_routes = options_.route_learning.max_routes};
  keeping.slow_threshold = options_.measure.slow_threshold;
  for (const proxy::UpstreamOptions& upstream : options_.upstreams) {
    for (const proxy::ServerOptions& server : upstream.servers) keeping.servers.push_back(server.url());
  }
  bookkeeper_.emplace(loop_, std::move(keeping));
  bookkeeper_->configure(make_routes(options_));
  for (auto& of_worker : sockets.by_worker) add_worker(std::move(of_worker));
  start_admin(std::move(sockets.admin));
  signals_.emplace(loop_, std::vector{SIGTERM, SIGINT, SIGUSR1}, [this](int number) { on_signal(number); });
}

void Program::add_worker(std::vector<net::ListeningSocket> sockets) {
  proxy::Worker::Parts parts;
  parts.plan = workers_.empty() ? make_plan(options_, worker_count_) : workers_.front()->plan_ptr();
  parts.table = bookkeeper_->table();
  parts.sockets = std::move(sockets);
  parts.protocol = [](proxy::Worker& worker) { return proto::http1::make_protocol(worker); };
  parts.on_batch = bookkeeper_->wake_up();
  parts.access_log = access_log_.get();
  parts.shared = &shared_;
  proxy::Worker& worker = *workers_.emplace_back(std::make_unique<proxy::Worker>(std::move(parts)));
  bookkeeper_->add_worker({
      .handoff = &worker.handoff(),
      .ask = [&worker](std::function<void(bool)> reply) { worker.ask(std::move(reply)); },
      .publish = [&worker](std::shared_ptr<const route::Table> table) { worker.publish(std::move(table)); },
  });
}

void Program::start_admin(net::ListeningSocket socket) {
  admin::ServerSetup setup;
  setup.options = options_.admin;
  setup.health = options_.health;
  setup.version = version();
  setup.max_routes = options_.route_learning.max_routes;
  setup.config_json = [this] { return config::print_json(options_, config::Secrets::masked); };
  setup.readiness = [this] { return readiness(); };
  admin_.emplace(loop_, std::move(socket), *bookkeeper_, std::move(setup));
}

void Program::announce() const {
  for (std::size_t i = 0; i < listening_.size(); ++i) {
    const std::string& upstream = options_.listeners[i].upstream;
    std::string servers;
    for (const proxy::UpstreamOptions& candidate : options_.upstreams) {
      if (candidate.name != upstream) continue;
      for (const proxy::ServerOptions& server : candidate.servers) servers += (servers.empty() ? "" : ",") + server.url();
    }
    log::info("listening", {{"address", listening_[i].to_string()},
                            {"upstream", upstream.empty() ? "by route" : upstream},
                            {"servers", servers}});
  }
  log::info("admin", {{"address", admin_->endpoint().to_string()},
                      {"access", options_.admin.tokens.empty() ? "open (loopback)" : "token"}});
  log::info("weir is ready", {{"version", version()}, {"workers", worker_count_}, {"pid", getpid()}});
}

void Program::run() {
  {
    const SignalsBlocked no_signals;
    workers_left_ = workers_.size();
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      threads_.emplace_back([this, i] {
        workers_[i]->run();
        inbox_->post([this, i] { on_worker_ended(i); });
      });
    }
  }
  announce();
  loop_.run();
  for (std::thread& thread : threads_) thread.join();
  log::info("weir has stopped");
  admin_.reset();
  signals_.reset();
  bookkeeper_.reset();
  workers_.clear();
  inbox_.reset();
}

void Program::on_signal(int number) {
  if (number == SIGUSR1) {
    if (access_log_ != nullptr) access_log_->reopen();
    log::info("log files are opened anew");
    return;
  }
  if (is_draining_) {
    log::warning("stopping at once");
    for (auto& worker : workers_) worker->stop();
    return;
  }
  is_draining_ = true;
  log::info("draining: no new connections, requests under way are finished",
            {{"connections", shared_.connections.load(std::memory_order_relaxed)}, {"limit_seconds", seconds(options_.timeouts.drain)}});
  for (auto& worker : workers_) worker->drain(options_.timeouts.drain);
}

void Program::on_worker_ended(std::size_t index) {
  bookkeeper_->worker_ended(index);
  if (--workers_left_ == 0) loop_.stop();
}

admin::Readiness Program::readiness() const {
  admin::Readiness answer;
  if (is_draining_) {
    answer.is_ready = false;
    answer.reasons.push_back("draining: weir is shutting down");
  }
  return answer;
}

}  // namespace weir::app
