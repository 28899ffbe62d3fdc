#include <weir/verbs/top.h>

#include <csignal>
#include <memory>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include <weir/base/units.h>
#include <weir/net/loop.h>
#include <weir/net/readable.h>
#include <weir/net/signals.h>
#include <weir/net/timer.h>

#include "../fetch.h"
#include "../terminal.h"
#include "top_screen.h"
#include "top_state.h"

namespace weir::verbs {

namespace {

/// Whether the terminal has been taken away: then it is readable for ever, and there is nothing to read.
bool is_gone(int fd) {
  pollfd asked = {.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&asked, 1, 0) < 0 || (asked.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

/// Puts screen, keys, clock and server together on one loop.
class Top {
 public:
  Top(const TopOptions& options, net::TlsClientContextPtr tls, TopState& state, TopScreen& screen)
      : options_(options),
        tls_(std::move(tls)),
        state_(state),
        screen_(screen),
        keys_(loop_, STDIN_FILENO, [this] { on_keys(); }),
        clock_(loop_, [this] { ask(); }),
        signals_(loop_, {SIGINT, SIGTERM, SIGHUP, SIGWINCH}, [this](int number) { on_signal(number); }) {}

  ~Top() {
    if (call_ != nullptr) call_->cancel();
  }

  void run() {
    draw();
    ask();
    while (!is_over_) loop_.turn(true);
  }

 private:
  void draw() {
    const Extent extent = screen_.extent();
    screen_.draw(state_.frame(extent.columns, extent.rows));
  }

  void on_signal(int number) {
    if (number != SIGWINCH) {
      is_over_ = true;
      return;
    }
    screen_.resize();
    draw();
  }

  void on_keys() {
    while (const auto key = screen_.read_key()) {
      const TopState::Reaction reaction = state_.press(*key);
      if (reaction == TopState::Reaction::quit) is_over_ = true;
      if (reaction == TopState::Reaction::ask) ask();
    }
    if (is_gone(STDIN_FILENO)) is_over_ = true;
    if (!is_over_) draw();
  }

  /// Begins with the questions of now; what was under way is of no interest any more.
  void ask() {
    let_go();
    clock_.stop();
    questions_ = state_.questions();
    answers_.clear();
    ask_next();
  }

  void ask_next() {
    call_ = verbs::ask(loop_, options_.server, tls_, {.target = questions_[answers_.size()]},
                       [this](Result<std::string> body) { on_answer(std::move(body)); });
  }

  void on_answer(Result<std::string> body) {
    let_go();
    Result<Json> answer = body ? Json::parse(body.value()) : Result<Json>(body.error());
    if (answer) {
      answers_.push_back(std::move(answer).value());
      if (answers_.size() < questions_.size()) return ask_next();
      state_.take(std::move(answers_));
    } else {
      state_.fail(answer.error().message);
    }
    clock_.start(options_.every);
    draw();
  }

  /// A call is destroyed after the turn: this may be its own callback.
  void let_go() {
    if (call_ == nullptr) return;
    call_->cancel();
    loop_.reaper().take(std::move(call_));
  }

  const TopOptions& options_;
  const net::TlsClientContextPtr tls_;
  TopState& state_;
  TopScreen& screen_;
  net::Loop loop_;
  net::Readable keys_;
  net::Timer clock_;
  net::Signals signals_;
  std::unique_ptr<Call> call_;
  std::vector<std::string> questions_;
  std::vector<Json> answers_;
  bool is_over_ = false;
};

TopOutcome refuse(TopOutcome outcome, std::string_view why) {
  complain("top", why);
  return outcome;
}

}  // namespace

TopOutcome top(const TopOptions& options) {
  if (!is_terminal(STDIN_FILENO) || !is_terminal(STDOUT_FILENO)) {
    return refuse(TopOutcome::no_terminal, "it needs a terminal to draw on (weir stats --watch does not)");
  }
  TopState state(options.server.url.to_string(), format_duration(options.every), options.parameters);
  // While there is no screen yet, what is wrong can be said in one line.
  std::vector<Json> answers;
  for (const std::string& question : state.questions()) {
    const Result<std::string> body = fetch(options.server, {.target = question});
    if (!body) return refuse(TopOutcome::refused, body.error().message);
    Result<Json> answer = Json::parse(body.value());
    if (!answer) {
      return refuse(TopOutcome::refused, options.server.url.to_string() + ": its answer is " + answer.error().message);
    }
    answers.push_back(std::move(answer).value());
  }
  state.take(std::move(answers));
  Result<net::TlsClientContextPtr> tls = tls_for(options.server);
  if (!tls) return refuse(TopOutcome::refused, tls.error().message);
  Result<std::unique_ptr<TopScreen>> screen = TopScreen::open(has_colours(options.colour));
  if (!screen) return refuse(TopOutcome::no_terminal, screen.error().message);
  Top(options, std::move(tls).value(), state, *screen.value()).run();
  return TopOutcome::done;
}

}  // namespace weir::verbs
