#include "top_screen.h"

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <cstring>

#include <curses.h>
#include <fmt/format.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <termcap.h>
#include <unistd.h>

namespace weir::verbs {

namespace {

constexpr int kControlL = 12;
/// So long after an Esc the rest of a key's sequence may come.
constexpr int kEscapeDelayMs = 50;

enum Pair : short { kGood = 1, kWarning, kBad };

attr_t attributes_of(Style style, bool in_colour) {
  const auto coloured = [&](Pair pair, attr_t otherwise) { return in_colour ? COLOR_PAIR(pair) : otherwise; };
  switch (style) {
    case Style::plain: return A_NORMAL;
    case Style::faint: return A_DIM;
    case Style::strong: return A_BOLD;
    case Style::heading: return A_UNDERLINE;
    case Style::good: return coloured(kGood, A_BOLD);
    case Style::warning: return coloured(kWarning, A_BOLD);
    case Style::bad: return coloured(kBad, A_REVERSE);
  }
  return A_NORMAL;
}

/// Names are UTF-8, so that is what the terminal gets, also where nobody has set a locale.
void choose_locale() {
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::optional<Key> key_of(int code) {
  using Kind = Key::Kind;
  switch (code) {
    case KEY_UP: return Key{Kind::up};
    case KEY_DOWN: return Key{Kind::down};
    case KEY_PPAGE: return Key{Kind::page_up};
    case KEY_NPAGE: return Key{Kind::page_down};
    case KEY_HOME: return Key{Kind::home};
    case KEY_END: return Key{Kind::end};
    case KEY_F(1): return Key{Kind::help};
    case KEY_ENTER:
    case '\r':
    case '\n': return Key{Kind::enter};
    case KEY_BACKSPACE:
    case '\b':
    case 127: return Key{Kind::backspace};
    case 27: return Key{Kind::escape};
    default: break;
  }
  if (code >= ' ' && code < 127) return Key{Kind::character, static_cast<char>(code)};
  return std::nullopt;
}

}  // namespace

struct TopScreen::Terminal {
  SCREEN* screen;

  ~Terminal() {
    ::endwin();
    ::delscreen(screen);
  }
};

Result<std::unique_ptr<TopScreen>> TopScreen::open(bool in_colour) {
  choose_locale();
  const char* name = std::getenv("TERM");
  // Asked first: a screen that could not be opened is not given back by the library.
  const bool known = name != nullptr && ::tgetent(nullptr, name) == 1;
  SCREEN* screen = known ? ::newterm(nullptr, stdout, stdin) : nullptr;
  if (screen == nullptr) {
    return Error{fmt::format("the terminal \"{}\" is not known here (set TERM to one that is: xterm, linux, vt100)",
                             name == nullptr ? "" : name)};
  }
  auto terminal = std::make_unique<Terminal>(screen);
  return std::unique_ptr<TopScreen>(new TopScreen(std::move(terminal), in_colour));
}

TopScreen::TopScreen(std::unique_ptr<Terminal> terminal, bool in_colour)
    : terminal_(std::move(terminal)), in_colour_(in_colour && ::has_colors()) {
  ::cbreak();
  ::noecho();
  ::nonl();
  ::keypad(stdscr, TRUE);
  ::nodelay(stdscr, TRUE);
  ::set_escdelay(kEscapeDelayMs);
  ::curs_set(0);
  if (!in_colour_) return;
  ::start_color();
  ::use_default_colors();
  ::init_pair(kGood, COLOR_GREEN, -1);
  ::init_pair(kWarning, COLOR_YELLOW, -1);
  ::init_pair(kBad, COLOR_RED, -1);
}

TopScreen::~TopScreen() = default;

Extent TopScreen::extent() const {
  return {static_cast<std::size_t>(std::max(1, getmaxx(stdscr))),
          static_cast<std::size_t>(std::max(1, getmaxy(stdscr)))};
}

void TopScreen::resize() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row != 0) ::resizeterm(size.ws_row, size.ws_col);
}

void TopScreen::draw(const Frame& frame) {
  const auto [columns, rows] = extent();
  ::erase();
  for (std::size_t row = 0; row < std::min(rows, frame.page.size()); ++row) {
    const bool is_selected = frame.selected == row;
    std::size_t column = 0;
    ::move(static_cast<int>(row), 0);
    for (const Span& span : frame.page[row]) {
      const std::string text = cut(harmless(span.text), columns - column);
      ::attrset(is_selected ? A_REVERSE : attributes_of(span.style, in_colour_));
      ::addstr(text.c_str());
      column += width_of(text);
      if (column >= columns) break;
    }
    ::attrset(is_selected ? A_REVERSE : A_NORMAL);
    if (is_selected && column < columns) ::addstr(std::string(columns - column, ' ').c_str());
  }
  ::attrset(A_NORMAL);
  ::refresh();
}

std::optional<Key> TopScreen::read_key() {
  for (int code = ::getch(); code != ERR; code = ::getch()) {
    if (code == kControlL) ::clearok(stdscr, TRUE);
    if (const auto key = key_of(code)) return key;
  }
  return std::nullopt;
}

}  // namespace weir::verbs
