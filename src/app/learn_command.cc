#include "log_line.h"
#include "log_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <istream>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include <weir/app/learn_command.h>
#include <weir/base/distinct_hashes.h>
#include <weir/base/write_all.h>
#include <weir/route/book.h>

namespace weir::app {

namespace {

/// More of a line is skipped: no server takes a longer request line.
constexpr std::size_t kMaxLine = 64 * 1024;
/// A new table costs about as much as learning this many lines, so it is not made more often.
constexpr std::size_t kLinesPerTable = 256;

/// A line without its end; false at the end of the file.
bool read_line(std::streambuf& source, std::string& line) {
  line.clear();
  constexpr int kEnd = std::char_traits<char>::eof();
  int c = source.sbumpc();
  if (c == kEnd) return false;
  for (; c != kEnd && c != '\n'; c = source.sbumpc()) {
    if (line.size() < kMaxLine) line += static_cast<char>(c);
  }
  return true;
}

/// Sees requests as a running weir does: the table first, the learner for what it does not know or wants to see.
class Replay {
 public:
  explicit Replay(std::size_t max_routes) : book_({.is_learning = true, .max_routes = max_routes}) {}

  RouteId see(const LoggedRequest& request) {
    const Method method = method_of(request.method);
    if (book_.is_table_stale() && lines_ >= next_table_) {
      table_ = book_.table();
      next_table_ = lines_ + kLinesPerTable;
    }
    ++lines_;
    RouteId route = kUnmatchedRoute;
    bool is_known = false;
    if (!book_.is_table_stale()) {
      const route::Match& match = table_->match(method, request.path);
      route = match.route;
      is_known = match.is_matched() && !match.is_studied;
    }
    if (!is_known) route = book_.learn({.method = method, .path = request.path, .status = request.status});
    book_.count_path(route, distinct_hash(request.path));
    if (counts_.size() < book_.size()) counts_.resize(book_.size());
    ++counts_[route.index()];
    for (const route::Merge& merge : book_.take_merges()) {
      counts_[merge.into.index()] += std::exchange(counts_[merge.from.index()], 0);
    }
    return book_.current(route);
  }

  std::string tag(RouteId route, std::string_view method) const { return book_.tag(route, method_of(method)); }

  void print(std::ostream& out) const {
    std::vector<RouteId> routes;
    std::uint64_t total = 0;
    std::size_t width = 5;
    for (std::uint32_t i = 0; i < counts_.size(); ++i) {
      total += counts_[i];
      if (i == kUnmatchedRoute.value || counts_[i] == 0) continue;
      routes.push_back(RouteId(i));
      width = std::max(width, std::min<std::size_t>(tag(RouteId(i), "").size(), 60));
    }
    std::sort(routes.begin(), routes.end(), [this](RouteId a, RouteId b) {
      return std::pair(counts_[b.index()], a) < std::pair(counts_[a.index()], b);
    });
    out << fmt::format("{:>9}  {:>7}  {:<{}}  {}\n", "requests", "paths", "route", width, "why");
    for (const RouteId id : routes) {
      const route::Route route = book_.describe(id);
      out << fmt::format("{:>9}  {:>7}  {:<{}}  {}\n", counts_[id.index()], route.distinct_paths, tag(id, ""), width,
                         route.explain);
    }
    const std::uint64_t unmatched = counts_.empty() ? 0 : counts_[0];
    out << fmt::format("{} request{}: {} in {} route{}, {} (unmatched)\n", total, total == 1 ? "" : "s",
                       total - unmatched, routes.size(), routes.size() == 1 ? "" : "s", unmatched);
  }

 private:
  route::RouteBook book_;
  std::shared_ptr<const route::Table> table_;
  std::vector<std::uint64_t> counts_;  // by route
  std::size_t lines_ = 0;
  std::size_t next_table_ = 0;
};

}  // namespace

Exit learn(const LearnOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
  Replay replay(options.max_routes);
  std::string line;
  std::uint64_t lines = 0;
  std::uint64_t malformed = 0;
  std::uint64_t first_malformed = 0;
  LogSource source(*in.rdbuf());
  LogLineReader reader;
  while (out && read_line(source, line)) {
    ++lines;
    const auto request = reader.read(line);
    if (!request && ++malformed == 1) first_malformed = lines;
    const RouteId route = request ? replay.see(*request) : kUnmatchedRoute;
    if (options.prints_tags) out << replay.tag(route, request ? request->method : "") << '\n';
  }
  if (!options.prints_tags) replay.print(out);
  if (!out.flush()) {
    err << fmt::format("weir learn: {}\n", kNoOutput);
    return Exit::refused;
  }
  if (!source.problem().empty()) {
    err << fmt::format("weir learn: {}: {} after {} lines\n", options.file, source.problem(), lines);
    return Exit::usage;
  }
  if (malformed == 0) return Exit::success;
  err << fmt::format(
      "weir learn: {}: {} of {} lines are no requests, the first is line {} "
      "(combined log format, METHOD<tab>target<tab>status or JSON with method, path and status would be)\n",
      options.file, malformed, lines, first_malformed);
  return malformed == lines ? Exit::usage : Exit::success;
}

Exit learn_command(const LearnOptions& options) {
  std::ios::sync_with_stdio(false);
  if (options.file == "-") return learn(options, std::cin, std::cout, std::cerr);
  std::ifstream file(options.file, std::ios::binary);
  // A directory opens, but does not read.
  if (!file || (file.peek() == std::char_traits<char>::eof() && !file.eof())) {
    std::cerr << fmt::format("weir learn: {}: cannot be read: {} (name an access log, or - for standard input)\n",
                             options.file, std::strerror(errno));
    return Exit::usage;
  }
  file.clear();
  return learn(options, file, std::cout, std::cerr);
}

}  // namespace weir::app
