#include <weir/verbs/tap.h>

#include <memory>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include <weir/base/write_all.h>
#include <weir/net/loop.h>

#include "event_reader.h"
#include "fetch.h"
#include "tap_line.h"
#include "terminal.h"

namespace weir::verbs {

namespace {

/// The server breaks a silence every few seconds.
constexpr Nanos kQuiet = 90s;

/// Prints what a stream says.
class Watching {
 public:
  Watching(const TapOptions& options, net::TlsClientContextPtr tls)
      : options_(options),
        is_on_terminal_(is_terminal(STDOUT_FILENO)),
        in_colour_(has_colours(options.colour)),
        reader_([this](std::string_view event, std::string_view data) { on_event(event, data); }),
        call_(loop_, options.server, std::move(tls),
              {.target = target_of("/admin/performance/tap", options.parameters), .accept = "text/event-stream"},
              {.on_head = [this](int status, std::string_view type) { on_head(status, type); },
               .on_body = [this](std::string_view piece) { on_body(piece); },
               .on_end = [this](Status status) { on_end(std::move(status)); }}) {}

  bool run() {
    while (!is_over_) loop_.turn(true);
    call_.cancel();
    return is_good_;
  }

 private:
  void finish(bool is_good) {
    is_over_ = true;
    is_good_ = is_good;
    call_.cancel();
  }

  void refuse(std::string_view why) {
    complain("tap", why);
    finish(false);
  }

  void on_head(int status, std::string_view content_type) {
    reply_.status = status;
    is_stream_ = status == 200 && content_type.starts_with("text/event-stream");
    if (!is_stream_) return;
    call_.expect_more(kQuiet);
    if (options_.limit == 0U) return finish(true);
    if (is_on_terminal_ && !options_.as_json) print(tap_heading());
  }

  void on_body(std::string_view piece) {
    if (!is_stream_) {
      if (reply_.body.size() < kLongestRefusal) reply_.body += piece;
    } else if (!reader_.feed(piece)) {
      refuse(options_.server.url.to_string() + ": a line of its stream is too long to be weir's");
    }
  }

  void on_end(Status status) {
    if (!is_stream_ && !status) return refuse(unreachable(options_.server, status.error().message).message);
    if (!is_stream_) return refuse(refusal(options_.server, reply_).message);
    refuse(fmt::format("{}: the stream is over: {}", options_.server.url.to_string(),
                       status ? "the server has ended it" : status.error().message));
  }

  void on_event(std::string_view event, std::string_view data) {
    if (is_over_) return;
    if (event != "message") return on_other(event, data);
    if (options_.as_json) {
      put_line((is_on_terminal_ ? harmless_json(data) : std::string(data)) + "\n");
    } else if (const Result<Json> request = Json::parse(data)) {
      print(tap_line(request.value()));
    }
    if (options_.limit && ++shown_ >= *options_.limit && !is_over_) finish(true);
  }

  void on_other(std::string_view event, std::string_view data) {
    const Result<Json> said = Json::parse(data);
    if (event != "dropped" || !said) return;
    complain("tap", fmt::format("{:.0f} requests are left out: they came faster than they are read here",
                                said.value()["dropped"].number_or(0)));
  }

  void print(const Line& line) {
    const Extent extent = terminal_extent();
    put_line(printed({extent.columns == 0 ? line : cut(line, extent.columns)}, in_colour_));
  }

  void put_line(const std::string& text) {
    switch (put(text)) {
      case Output::taken: return;
      case Output::unwanted: return finish(true);
      case Output::failed: return refuse(kNoOutput);
    }
  }

  static constexpr std::size_t kLongestRefusal = 64 * 1024;

  const TapOptions& options_;
  const bool is_on_terminal_;
  const bool in_colour_;
  net::Loop loop_;
  EventReader reader_;
  Reply reply_;
  bool is_stream_ = false;
  std::uint64_t shown_ = 0;
  bool is_over_ = false;
  bool is_good_ = false;
  Call call_;
};

}  // namespace

bool tap(const TapOptions& options) {
  Result<net::TlsClientContextPtr> tls = tls_for(options.server);
  if (tls) return Watching(options, std::move(tls).value()).run();
  complain("tap", tls.error().message);
  return false;
}

}  // namespace weir::verbs
