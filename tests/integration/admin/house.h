#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <weir/admin/bookkeeper.h>
#include <weir/admin/server.h>
#include <weir/net/handoff.h>
#include <weir/net/inbox.h>
#include <weir/net/loop.h>
#include <weir/stats/batch.h>

/// A thread that does what a proxy's worker does for the bookkeeper, and nothing else.
class FakeWorker {
 public:
  FakeWorker();
  /// Stops and joins.
  ~FakeWorker();

  /// As if an exchange had just ended here; returns once the record is in the batch.
  void finish(const std::string& path, std::uint16_t status = 200, weir::Nanos duration = std::chrono::milliseconds(5));
  /// The same, with the route that an older table says.
  void finish_with(std::shared_ptr<const weir::route::Table> table, const std::string& path);
  /// What its pictures show from now on.
  void show_under_way(std::vector<weir::stats::InFlight> picture);
  /// Answers nothing until `wake`.
  void fall_asleep();
  void wake();
  void stop();

  weir::admin::WorkerPort port();
  std::shared_ptr<const weir::route::Table> table();
  std::atomic<int> questions{0};

 private:
  void do_there(std::function<void()> deed);
  void record(const weir::route::Table* table, const std::string& path, std::uint16_t status, weir::Nanos duration);

  weir::net::Handoff<weir::stats::Batch> handoff_;
  std::shared_ptr<const weir::route::Table> table_;
  std::vector<weir::stats::InFlight> under_way_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool is_asleep_ = false;
  std::atomic<bool> is_over_{false};
  weir::net::Loop loop_;
  weir::net::Inbox inbox_;
  std::thread thread_;
};

/// Bookkeeper and server on a control thread of their own, with workers.
class House {
 public:
  explicit House(std::size_t workers = 2, std::function<void(weir::admin::ServerSetup&)> adapt = {});
  /// Ends with a check that the loop closes clean.
  ~House();

  std::uint16_t port() const { return port_; }
  FakeWorker& worker(std::size_t index) { return *workers_[index]; }
  /// On the control thread, to its end.
  void do_there(std::function<void(weir::admin::Bookkeeper&)> deed);
  void stop();

 private:
  void run(std::promise<void>& started, const std::function<void(weir::admin::ServerSetup&)>& adapt);

  std::vector<std::unique_ptr<FakeWorker>> workers_;
  weir::net::Inbox* inbox_ = nullptr;
  weir::admin::Bookkeeper* bookkeeper_ = nullptr;
  std::uint16_t port_ = 0;
  bool is_over_ = false;
  std::thread thread_;
};

/// A plain socket that waits at most five seconds for anything.
class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  struct Answer {
    int status = 0;  ///< 0: the connection ended before a whole answer
    std::string head;
    std::string body;
    bool says(std::string_view text) const { return body.find(text) != std::string::npos; }
    /// The cookie that the answer sets, as the field with which a browser sends it back.
    std::string cookie() const;
  };

  void send(std::string_view bytes);
  void shutdown_writing();
  Answer answer(bool has_body = true);
  Answer get(const std::string& target, const std::string& fields = "");
  Answer post(const std::string& target, const std::string& fields = "", const std::string& body = "");
  Answer call(const std::string& method, const std::string& target, const std::string& fields);
  /// Reads on until `text` has come; false at the end or after five silent seconds. What came up to it is used up.
  bool await(std::string_view text);
  /// Whether the other side closes now.
  bool is_closed();

 private:
  bool receive();

  int fd_;
  std::string in_;
};
