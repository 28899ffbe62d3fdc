#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
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

  /// `path` is appended to, `-` is stdout. `server_url` names a server for the lines.
  static Result<std::unique_ptr<AccessLog>> open(const std::string& path, log::Format format);
  /// Writes out what is waiting.
  ~AccessLog();

  /// Opens the file anew, after somebody has moved it away. Any thread.
  void reopen();
  /// Takes whole lines. Any thread; the lock is held for a move at most.
  void put(std::string lines);

  log::Format format() const { return format_; }
  std::uint64_t dropped_lines() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  AccessLog(std::string path, log::Format format, int fd);
  void write_on();

  const std::string path_;
  const log::Format format_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool wants_reopen_ = false;
  bool is_ending_ = false;
  std::atomic<std::uint64_t> dropped_{0};
  int fd_;
  std::thread writer_;
};

/// One worker's side of it: gathers lines and passes them on in blocks.
class AccessLogWriter {
 public:
  explicit AccessLogWriter(AccessLog& log) : log_(log) {}
  ~AccessLogWriter() { flush(); }
  AccessLogWriter(const AccessLogWriter&) = delete;
  AccessLogWriter& operator=(const AccessLogWriter&) = delete;

  /// Text: the combined format without the query and the referrer, which may hold secrets, then the duration in
  /// seconds, the time that the app took, the request id. JSON: the same with names.
  void add(const Exchange& exchange, Nanos duration);
  void flush();

 private:
  AccessLog& log_;
  std::string lines_;
};

}  // namespace weir::proxy
