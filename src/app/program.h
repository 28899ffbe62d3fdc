#pragma once

#include "listening.h"
#include "numbering.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <weir/admin/bookkeeper.h>
#include <weir/admin/server.h>
#include <weir/base/result.h>
#include <weir/config/load.h>
#include <weir/net/inbox.h>
#include <weir/net/loop.h>
#include <weir/net/signals.h>
#include <weir/net/work.h>
#include <weir/proto/statsd/receiver.h>
#include <weir/proxy/access_log.h>
#include <weir/proxy/health_checker.h>
#include <weir/proxy/worker.h>

namespace weir::app {

/// What a configuration that runs has to be warned of.
void log_warnings(const std::vector<config::Warning>& warnings);

/// The running program: the control thread's loop with all that thinks, and the workers on threads of their own.
class Program {
 public:
  /// Reads the configuration again: the same file, the same flags.
  using Reload = std::function<config::Loaded()>;

  /// Opens every socket and file before a thread starts, so that what cannot be had is said at once.
  static Result<std::unique_ptr<Program>> assemble(config::Options options, Reload reload);
  ~Program();

  /// Serves; returns when drained.
  void run();

 private:
  struct Opened;

  Program(config::Options options, Reload reload, std::size_t workers);
  void start(Opened opened);
  void add_worker(std::size_t index, std::vector<ListenerSockets>& listeners);
  void start_threads();
  void on_signal(int number);
  void on_worker_ended(std::size_t index);
  void drain();
  /// Reads the configuration on a thread of its own, as descriptions of an API may be large, and then changes to it. It
  /// is over once the ports of removed listeners are closed. A reload that is asked for meanwhile comes after it.
  void reload();
  void reload_is_over();
  void finish_reload(config::Loaded loaded, const std::shared_ptr<void>& until_over);
  Status change_to(config::Options options, const std::shared_ptr<void>& until_over);
  /// What the admin API's keys are, from their files.
  struct AdminKeys {
    admin::JwtVerifierPtr jwt;
    net::TlsServerContextPtr tls;
  };
  static Result<admin::JwtVerifierPtr> load_jwt(const config::Options& options);
  proxy::PlanPtr make_plan(const TlsContexts& tls);
  admin::BookkeeperOptions keeping() const;
  admin::ServerSetup admin_setup();
  void announce_admin() const;
  void announce(const ListenerSockets& listener) const;
  admin::Readiness readiness() const;
  std::vector<exporter::Service> services() const;
  exporter::ConnectionFigures connections() const;
  std::optional<exporter::StatsdFigures> statsd() const;
  Status change_access_log(const config::LogOptions& wanted);
  void receive_statsd(std::optional<net::DatagramSocket> socket);

  config::Options options_;
  Reload reload_;
  std::size_t worker_count_;
  std::uint64_t descriptors_ = 0;  ///< that the process may have
  Numbering numbering_;
  AdminKeys admin_keys_;
  proxy::PlanPtr plan_;
  std::unique_ptr<proxy::AccessLog> access_log_;
  proxy::Shared shared_;
  net::Loop loop_;
  std::optional<net::Inbox> inbox_;
  std::optional<admin::Bookkeeper> bookkeeper_;
  std::optional<proxy::HealthChecker> checker_;
  std::vector<std::unique_ptr<proxy::Worker>> workers_;
  std::vector<std::thread> threads_;
  std::optional<proto::statsd::Receiver> statsd_;
  std::optional<admin::Server> admin_;
  std::optional<net::Signals> signals_;
  std::optional<net::Work> work_;
  enum class Reloading : std::uint8_t { no, yes, and_again };
  Reloading reloading_ = Reloading::no;
  std::size_t workers_left_ = 0;
  bool is_draining_ = false;
};

}  // namespace weir::app
