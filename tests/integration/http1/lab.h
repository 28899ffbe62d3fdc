#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <weir/proxy/worker.h>

#include "wire.h"

namespace weir::testing {

/// A server that does to each connection what the test's script says, each on a thread of its own. Declare it before
/// the Lab: the worker's end is what ends the scripts.
class Upstream {
 public:
  /// `number` counts connections from 0. The connection closes when the script returns.
  using Script = std::function<void(Wire& wire, int number)>;

  explicit Upstream(Script script);
  ~Upstream();

  std::uint16_t port() const { return port_.number(); }
  int connections() const { return count_.load(); }

 private:
  void accept_on();

  Script script_;
  Port port_{128};
  std::atomic<int> count_{0};
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// Answers every request on a connection with `answer`, until the client is done.
Upstream::Script always(std::string answer);
/// The same with an answer made from the request.
Upstream::Script answering(std::function<std::string(const Message& request, int number)> answer);

/// What a record and its texts said.
struct Fact {
  stats::Record record;
  std::string path;
  std::string client;
  std::string request_id;
};

/// A real worker on a thread of its own, in front of one upstream server, with one listener on a port of the kernel's.
class Lab {
 public:
  using Change = std::function<void(proxy::Plan& plan)>;

  explicit Lab(std::uint16_t upstream_port, const Change& change = {}, const std::function<void()>& on_thread = {});
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  std::uint16_t port() const { return port_; }
  Wire client() const { return Wire::connect(port_); }
  proxy::Worker& worker() { return *worker_; }
  /// Waits for the worker to end by itself, after a drain.
  void join() { thread_.join(); }

  /// What was recorded since the last call: at least `count`, unless they do not come in five seconds.
  std::vector<Fact> facts(std::size_t count);

 private:
  bool ask();
  void take(std::vector<Fact>& into);

  proxy::Shared shared_;
  std::unique_ptr<proxy::Worker> worker_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// Waits, a minute at most, for what happens on other threads. Whether it has.
template <class Condition>
bool await(Condition condition) {
  const TimePoint limit = Clock::now() + 60s;
  while (!condition() && Clock::now() < limit) std::this_thread::yield();
  return condition();
}

/// A GET with nothing that matters.
std::string get(std::string_view target, std::string_view fields = {});
/// 200 with a Content-Length.
std::string ok(std::string_view body, std::string_view fields = {});

}  // namespace weir::testing
