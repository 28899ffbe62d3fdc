#pragma once

#include "dice.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::chaos {

using std::chrono::nanoseconds;

/// The world outside of weir, as far as it must be the same each time a seed is played. The test program defines
/// `clock_gettime`, `epoll_wait`, `socket`, `getrandom` and `getaddrinfo` itself; the dynamic linker gives them to libuv and
/// libstdc++ too. One Stage at a time, on the thread that makes it.
///
/// - The monotonic clocks show a time that moves only when the test says so, and a microsecond each time it is read.
/// - A wait for events never sleeps: where nothing is ready, the time moves on to when the wait would have ended.
/// - Events that are ready together come in a random order, half of the time.
/// - Names under `.test` are answered when the test says so, and as it says.
class Stage {
 public:
  explicit Stage(std::uint64_t seed);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  void advance(nanoseconds by);
  /// Since the stage was set.
  nanoseconds elapsed() const;
  /// The loop is held up now and then in the middle of a turn, as by a busy machine.
  void set_stalls(bool has_stalls);
  /// So many of a hundred new sockets are refused, as if no descriptor were left, until it is set to 0.
  void set_shortage(unsigned percent);

  struct Lookup {
    std::uint64_t id;
    std::string name;
  };
  /// Waits until every other thread sleeps: then the outcome of what was answered is on its way to the loop, and all
  /// lookups that were begun are listed.
  void settle() const;
  std::vector<Lookup> lookups() const;
  /// `addresses`: IPv4 literals; none of them: the name is not known.
  void answer(std::uint64_t lookup, const std::vector<std::string>& addresses);
  /// From now on every lookup fails at once, also those that wait.
  void end_lookups();
};

/// Seconds on the real clock.
double real_seconds();

}  // namespace weir::chaos
