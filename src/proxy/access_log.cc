#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include <weir/base/json_writer.h>
#include <weir/base/write_all.h>
#include <weir/proxy/access_log.h>
#include <weir/stats/figures.h>

namespace weir::proxy {
namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;

int open_for_append(const std::string& path) {
  if (path == "-") return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

Error not_opened(const std::string& path) {
  return Error{fmt::format("cannot open the access log {}: {} (does the folder exist, may weir write to it?)", path,
                           std::strerror(errno))};
}

std::uint64_t lines_in(std::string_view text) {
  std::uint64_t count = 0;
  for (const char c : text) count += c == '\n' ? 1 : 0;
  return count;
}

std::string_view or_dash(std::string_view text) { return text.empty() ? std::string_view("-") : text; }

/// Quotes and control bytes as nginx writes them: `\xHH`.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\') {
      fmt::format_to(std::back_inserter(out), "\\x{:02X}", byte);
    } else {
      out += c;
    }
  }
}

/// Until the end of a request that was cut short while the app still had it.
Nanos upstream_time(const Timeline& at) {
  if (at.upstream_asked == TimePoint()) return Nanos::zero();
  return (at.response_last == TimePoint() ? at.last_byte_given : at.response_last) - at.upstream_asked;
}

}  // namespace

Result<std::unique_ptr<AccessLog>> AccessLog::open(const std::string& path, log::Format format) {
  const int fd = open_for_append(path);
  if (fd < 0) return not_opened(path);
  return std::unique_ptr<AccessLog>(new AccessLog(path, format, fd));
}

AccessLog::AccessLog(std::string path, log::Format format, int fd)
    : format_(format), path_(std::move(path)), fd_(fd), writer_([this] { write_on(); }) {}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_one();
  writer_.join();
  switch_to(-1);
}

Status AccessLog::change_to(const std::string& path, log::Format format) {
  const int fd = open_for_append(path);
  if (fd < 0) return not_opened(path);
  format_.store(format, std::memory_order_relaxed);
  post_switch(path, fd);
  return Done{};
}

void AccessLog::turn_off() { post_switch({}, -1); }

/// For the writer, which alone may close the file it writes to.
void AccessLog::post_switch(std::string path, int fd) {
  {
    const std::lock_guard lock(mutex_);
    path_ = std::move(path);
    if (const int unused = std::exchange(next_fd_, fd).value_or(-1); unused >= 0) ::close(unused);
  }
  changed_.notify_one();
}

void AccessLog::switch_to(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

void AccessLog::reopen() {
  {
    const std::lock_guard lock(mutex_);
    wants_reopen_ = true;
  }
  changed_.notify_one();
}

void AccessLog::put(std::string lines) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_bytes_ + lines.size() > kMaxWaiting) {
      dropped_.fetch_add(lines_in(lines), std::memory_order_relaxed);
      return;
    }
    waiting_bytes_ += lines.size();
    waiting_.push_back(std::move(lines));
  }
  changed_.notify_one();
}

void AccessLog::write_on() {
  std::unique_lock lock(mutex_);
  bool has_complained = false;
  while (true) {
    changed_.wait(lock, [this] { return is_ending_ || wants_reopen_ || next_fd_ || !waiting_.empty(); });
    const std::vector<std::string> blocks = std::exchange(waiting_, {});
    waiting_bytes_ = 0;
    const bool reopens = std::exchange(wants_reopen_, false);
    std::optional<int> next_fd = std::exchange(next_fd_, std::nullopt);
    const std::string path = path_;
    const bool ends = is_ending_;
    lock.unlock();
    // Turned on again: what was put since belongs there.
    if (fd_ < 0 && next_fd) switch_to(*std::exchange(next_fd, std::nullopt));
    for (const std::string& block : blocks) {
      if (fd_ < 0 || write_all(fd_, block)) {
        has_complained = false;
        continue;
      }
      dropped_.fetch_add(lines_in(block), std::memory_order_relaxed);
      if (!std::exchange(has_complained, true)) {
        log::error("the access log cannot be written; lines are dropped",
                   {{"path", path}, {"error", std::strerror(errno)}});
      }
    }
    if (next_fd) {
      switch_to(*next_fd);
    } else if (reopens && fd_ >= 0) {
      if (const int fd = open_for_append(path); fd >= 0) {
        switch_to(fd);
      } else {
        log::error("the access log cannot be opened anew; the old file goes on",
                   {{"path", path}, {"error", std::strerror(errno)}});
      }
    }
    lock.lock();
    if (ends && waiting_.empty()) return;
  }
}

void AccessLogWriter::learn_names(const std::vector<std::string>& names) {
  if (names_.size() < names.size()) names_.resize(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty() && names_[i] != names[i]) names_[i] = names[i];
  }
}

std::string_view AccessLogWriter::route_of(RouteId route) const {
  const bool is_known = route != kUnmatchedRoute && route.index() < names_.size() && !names_[route.index()].empty();
  return is_known ? std::string_view(names_[route.index()]) : std::string_view("(unmatched)");
}

void AccessLogWriter::add(const Exchange& exchange, const stats::Record& record, std::string_view server) {
  const Nanos duration(record.duration_ns);
  const std::string_view route = route_of(exchange.route);
  const stats::Detail& texts = exchange.texts;
  const std::string_view method = texts.method.empty() ? label(exchange.method) : texts.method;
  const WallTime now = WallClock::now();
  if (log_.format() == log::Format::json) {
    JsonWriter json(lines_);
    json.begin_object().member("time", rfc3339(now)).member("client", texts.client).member("user", texts.user);
    json.member("method", method).member("path", texts.path).member("status", exchange.status);
    json.member("bytes_in", exchange.bytes_in).member("bytes_out", exchange.bytes_out);
    json.member("duration", seconds(duration)).member("upstream_duration", seconds(upstream_time(exchange.at)));
    json.member("fault", label(exchange.fault)).member("request_id", texts.request_id);
    json.member("user_agent", exchange.user_agent).member("route", route);
    json.key("upstream");
    server.empty() ? json.null() : json.value(server);
    json.key("trace_id");
    texts.trace_id.empty() ? json.null() : json.value(texts.trace_id);
    json.key("phases").begin_object();
    for (std::size_t i = 0; i < count_of<stats::Phase>(); ++i) {
      const auto phase = static_cast<stats::Phase>(i);
      // To the microsecond: a float of nanoseconds holds little more.
      const auto us = static_cast<std::int64_t>(stats::phase_of(record.phases, phase) / 1000 + 0.5F);
      json.member(label(phase), static_cast<double>(us) / 1e6);
    }
    json.end_object().end_object();
  } else {
    lines_ += or_dash(texts.client);
    lines_ += " - ";
    append_escaped(lines_, or_dash(texts.user));
    fmt::format_to(std::back_inserter(lines_), " [{:%d/%b/%Y:%H:%M:%S +0000}] \"",
                   fmt::gmtime(WallClock::to_time_t(now)));
    append_escaped(lines_, method);
    lines_ += ' ';
    append_escaped(lines_, or_dash(texts.path));
    fmt::format_to(std::back_inserter(lines_), " HTTP/1.{}\" {} {} \"-\" \"", exchange.minor_version,
                   exchange.status, exchange.bytes_out);
    append_escaped(lines_, or_dash(exchange.user_agent));
    fmt::format_to(std::back_inserter(lines_), "\" {:.6f} {:.6f} ", seconds(duration),
                   seconds(upstream_time(exchange.at)));
    append_escaped(lines_, or_dash(texts.request_id));
    lines_ += " \"";
    append_escaped(lines_, route);
    lines_ += "\" ";
    lines_ += or_dash(server);
    lines_ += ' ';
    append_escaped(lines_, or_dash(texts.trace_id));
  }
  lines_ += '\n';
  if (lines_.size() >= kBlockBytes) flush();
}

void AccessLogWriter::flush() {
  if (lines_.empty()) return;
  log_.put(std::exchange(lines_, {}));
}

}  // namespace weir::proxy
