#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <weir/base/log.h>
#include <weir/base/result.h>
#include <weir/proxy/exchange.h>

namespace weir::proxy {

/// A file of one line per finished exchange, written by a thread of its own: a slow disk never holds up a worker.
/// Beyond `kMaxWaiting` bytes that the disk has not taken, lines are dropped and counted.
class AccessLog {
 public:
  static constexpr std::size_t kMaxWaiting = 16 * 1024 * 1024;

  /// `path` is appended to, `-` is stdout.
  static Result<std::unique_ptr<AccessLog>> open(const std::string& path, log::Format format);
  /// Writes out what is waiting.
  ~AccessLog();

  /// Lines go to another file, or in another format, from now on. If that file cannot be opened all stays as it was. Any
  /// thread.
  Status change_to(const std::string& path, log::Format format);
  /// Closes the file. What is put afterwards is no more wanted, until `change_to`. Any thread.
  void turn_off();
  /// Opens the file anew, after somebody has moved it away. Any thread.
  void reopen();
  /// Takes whole lines. Any thread; the lock is held for a move at most.
  void put(std::string lines);

  log::Format format() const { return format_.load(std::memory_order_relaxed); }
  std::uint64_t dropped_lines() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  AccessLog(std::string path, log::Format format, int fd);
  void post_switch(std::string path, int fd);
  void switch_to(int fd);
  void write_on();

  std::atomic<log::Format> format_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::string path_;
  bool wants_reopen_ = false;
  std::optional<int> next_fd_;  ///< -1 turns it off
  bool is_ending_ = false;
  std::atomic<std::uint64_t> dropped_{0};
  int fd_;  ///< the writer's alone
  std::thread writer_;
};

/// One worker's side of it: gathers lines and passes them on in blocks.
class AccessLogWriter {
 public:
  explicit AccessLogWriter(AccessLog& log) : log_(log) {}
  ~AccessLogWriter() { flush(); }
  AccessLogWriter(const AccessLogWriter&) = delete;
  AccessLogWriter& operator=(const AccessLogWriter&) = delete;

  /// What routes are called from now on. Those that are gone keep their names: exchanges under way may end on them.
  void learn_names(const std::vector<std::string>& names);

  /// Text: the combined format without the query and the referrer, which may hold secrets, then the duration in
  /// seconds, the time that the app took, the request id, the route, the server and the trace id. JSON: the same with
  /// names, and the phases. `server`: its URL; empty where weir responded itself. HOT PATH.
  void add(const Exchange& exchange, const stats::Record& record, std::string_view server);
  void flush();

 private:
  std::string_view route_of(RouteId route) const;

  AccessLog& log_;
  std::string lines_;
  std::vector<std::string> names_;  ///< of routes, by RouteId
};

}  // namespace weir::proxy
