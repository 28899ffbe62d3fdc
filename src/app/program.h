#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <weir/admin/bookkeeper.h>
#include <weir/admin/server.h>
#include <weir/base/result.h>
#include <weir/config/options.h>
#include <weir/net/inbox.h>
#include <weir/net/loop.h>
#include <weir/net/signals.h>
#include <weir/proxy/access_log.h>
#include <weir/proxy/worker.h>

namespace weir::app {

/// The running program: the control thread's loop with all that thinks, and the workers on threads of their own.
class Program {
 public:
  /// Opens every socket and file before a thread starts, so that what cannot be had is said at once.
  static Result<std::unique_ptr<Program>> assemble(config::Options options);
  ~Program();

  /// Serves; returns when drained.
  void run();

 private:
  struct Sockets;

  Program(config::Options options, std::size_t workers, std::unique_ptr<proxy::AccessLog> log);
  void start(Sockets sockets);
  void start_admin(net::ListeningSocket socket);
  void add_worker(std::vector<net::ListeningSocket> sockets);
  void on_signal(int number);
  void on_worker_ended(std::size_t index);
  void announce() const;
  admin::Readiness readiness() const;

  config::Options options_;
  std::size_t worker_count_;
  std::unique_ptr<proxy::AccessLog> access_log_;
  proxy::Shared shared_;
  net::Loop loop_;
  std::optional<net::Inbox> inbox_;
  std::optional<admin::Bookkeeper> bookkeeper_;
  std::vector<std::unique_ptr<proxy::Worker>> workers_;
  std::vector<std::thread> threads_;
  std::optional<admin::Server> admin_;
  std::optional<net::Signals> signals_;
  std::vector<net::Endpoint> listening_;
  std::size_t workers_left_ = 0;
  bool is_draining_ = false;
};

}  // namespace weir::app
