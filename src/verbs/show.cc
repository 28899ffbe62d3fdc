#include <weir/verbs/show.h>

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include <weir/base/units.h>
#include <weir/base/write_all.h>

#include "fetch.h"
#include "terminal.h"
#include "view.h"

namespace weir::verbs {

namespace {

constexpr std::string_view kClearScreen = "\x1b[H\x1b[2J";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kClearRestOfLine = "\x1b[K";
constexpr std::string_view kClearRestOfScreen = "\x1b[J";

Parameters parameters_of(const ShowOptions& options, const View& view) {
  Parameters parameters = options.parameters;
  const bool is_sorted =
      std::any_of(parameters.begin(), parameters.end(), [](const auto& one) { return one.first == "sort"; });
  if (!options.as_json && !is_sorted && !view.default_sort.empty()) parameters.emplace_back("sort", view.default_sort);
  return parameters;
}

/// The first lines of `text` that fit, each taking the place of what stood there before: without a flicker.
std::string drawn_over(std::string_view text, std::size_t rows) {
  std::string out(kHome);
  for (std::size_t row = 0; row + 1 < rows && !text.empty(); ++row) {
    const std::size_t end = text.find('\n');
    out.append(text.substr(0, end)).append(kClearRestOfLine).append("\n");
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out.append(kClearRestOfScreen);
}

/// Asks, and prints what came.
class Show {
 public:
  explicit Show(const ShowOptions& options) : options_(options), view_(view_of(options.subject)) {}

  bool once() {
    const Status asked = ask();
    if (!asked) return refuse(asked.error().message);
    const std::string text =
        options_.as_json ? json() : printed(drawn(terminal_extent().columns), has_colours(options_.colour));
    return print(text) != Output::failed && is_well();
  }

  /// Ends when the server is not there at first, or nobody reads any more.
  bool again_and_again() {
    const bool has_screen = !options_.as_json && is_terminal(STDOUT_FILENO);
    Status asked = ask();
    if (!asked) return refuse(asked.error().message);
    if (has_screen && print(kClearScreen) != Output::taken) return false;
    while (true) {
      Output output = Output::taken;
      if (has_screen) {
        output = draw_screen(asked ? std::string() : asked.error().message);
      } else if (!asked) {
        refuse(asked.error().message);
      } else {
        output = print(options_.as_json ? json() : printed(view_.draw(answer_, 0), false) + "\n");
      }
      if (output != Output::taken) return output == Output::unwanted;
      std::this_thread::sleep_for(*options_.watch);
      asked = ask();
    }
  }

 private:
  Status ask() {
    Result<std::string> body =
        fetch(options_.server, {.target = target_of(view_.path, parameters_of(options_, view_))});
    if (!body) return body.error();
    Result<Json> answer = Json::parse(body.value());
    if (!answer) {
      return Error{fmt::format("{}: its answer is {}", options_.server.url.to_string(), answer.error().message)};
    }
    body_ = std::move(body).value();
    answer_ = std::move(answer).value();
    return Done{};
  }

  std::string json() const { return (is_terminal(STDOUT_FILENO) ? harmless_json(body_) : body_) + "\n"; }

  Page drawn(std::size_t width) const { return folded(view_.draw(answer_, width), width); }

  bool is_well() const { return options_.subject != Subject::health || answer_["status"].text() != "unhealthy"; }

  bool refuse(std::string_view message) const {
    complain(label(options_.subject), message);
    return false;
  }

  Output print(std::string_view text) const {
    const Output output = put(text);
    if (output == Output::failed) refuse(kNoOutput);
    return output;
  }

  /// `trouble` says why the answer that is shown is not of now; empty: it is.
  Output draw_screen(std::string_view trouble) const {
    const Extent extent = terminal_extent();
    const std::string title = trouble.empty()
                                  ? fmt::format("weir {}  {}  every {}", label(options_.subject),
                                                options_.server.url.to_string(), format_duration(*options_.watch))
                                  : fmt::format("stale: {}", trouble);
    Page page = {{{cut(harmless(title), extent.columns), trouble.empty() ? Style::faint : Style::bad}}, {}};
    append(page, drawn(extent.columns));
    return print(drawn_over(printed(page, has_colours(options_.colour)), extent.rows));
  }

  const ShowOptions& options_;
  const View& view_;
  std::string body_;
  Json answer_;
};

}  // namespace

bool show(const ShowOptions& options) {
  Show showing(options);
  return options.watch ? showing.again_and_again() : showing.once();
}

}  // namespace weir::verbs
