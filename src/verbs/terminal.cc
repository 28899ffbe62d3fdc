#include "terminal.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <weir/base/write_all.h>

namespace weir::verbs {

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string_view sequence_of(Style style) {
  switch (style) {
    case Style::plain: return "";
    case Style::faint: return "\x1b[2m";
    case Style::strong: return "\x1b[1m";
    case Style::heading: return "\x1b[4m";
    case Style::good: return "\x1b[32m";
    case Style::warning: return "\x1b[33m";
    case Style::bad: return "\x1b[31m";
  }
  return "";
}

}  // namespace

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

bool has_colours(Colour colour) {
  if (colour != Colour::automatic) return colour == Colour::always;
  return is_terminal(STDOUT_FILENO) && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
}

Extent terminal_extent() {
  winsize size{};
  if (!is_terminal(STDOUT_FILENO) || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_col, size.ws_row};
}

std::string printed(const Page& page, bool in_colour) {
  std::string out;
  for (const Line& line : page) {
    for (const Span& span : line) {
      const std::string_view sequence = in_colour ? sequence_of(span.style) : std::string_view();
      out += sequence;
      out += harmless(span.text);
      if (!sequence.empty()) out += "\x1b[0m";
    }
    out += '\n';
  }
  return out;
}

Output put(std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return Output::taken;
  return errno == EPIPE ? Output::unwanted : Output::failed;
}

void complain(std::string_view verb, std::string_view message) {
  std::fputs(fmt::format("weir {}: {}\n", verb, harmless(message)).c_str(), stderr);
}

}  // namespace weir::verbs
