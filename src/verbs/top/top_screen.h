#pragma once

#include <memory>
#include <optional>
#include <string>

#include <weir/base/result.h>

#include "../terminal.h"
#include "top_state.h"

namespace weir::verbs {

/// The whole terminal, by ncurses (only here). There is one at a time; its end leaves the terminal as it was.
class TopScreen {
 public:
  /// Refuses a terminal that the terminfo database does not know.
  static Result<std::unique_ptr<TopScreen>> open(bool in_colour);
  ~TopScreen();
  TopScreen(const TopScreen&) = delete;
  TopScreen& operator=(const TopScreen&) = delete;

  Extent extent() const;
  /// Takes on the size that the terminal has now.
  void resize();
  void draw(const Frame& frame);
  /// The next key that waits. Keys that mean nothing are passed over; Ctrl-L draws all anew.
  std::optional<Key> read_key();

 private:
  struct Terminal;
  TopScreen(std::unique_ptr<Terminal> terminal, bool in_colour);

  std::unique_ptr<Terminal> terminal_;
  bool in_colour_;
};

}  // namespace weir::verbs
