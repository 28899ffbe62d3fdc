// Drives a real worker (sessions, exchanges, pools, resolver) through what chance brings, beside a model of what must
// come out. One thread turns the worker's loop by hand and plays its clients, its app, its DNS and its operator; several
// of them act before each turn, so that their events meet in one. Time is the test's own (see stage.h): a seed is played
// the same way each time, as far as the kernel's sockets allow.
//
// `meson test` plays for a minute under the sanitizers, for some seconds otherwise. By hand, for as long as you like:
//
//   CHAOS_SECONDS=7200 build-asan/tests/integration/chaos/integration_chaos
//   CHAOS_SEED=123 CHAOS_EPISODES=1 build-asan/tests/integration/chaos/integration_chaos    # plays a finding again
//
//   CHAOS_SEED      the first seed; each episode takes the next one. Without it: 1, or by the clock with CHAOS_SECONDS
//   CHAOS_SECONDS   how long, on the real clock
//   CHAOS_EPISODES  at most so many
//   CHAOS_STEPS     steps of an episode (400)
//   CHAOS_TRACE     set: every event is printed as it happens
#include "episode.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <doctest/doctest.h>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <weir/base/log.h>

extern "C" {
void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));
// The two runtimes share nothing: the callback above is the address sanitizer's. What the other finds ends in SIGABRT.
[[gnu::visibility("default")]] const char* __ubsan_default_options();
const char* __ubsan_default_options() { return "print_stacktrace=1:abort_on_error=1"; }
}

namespace weir::chaos {
namespace {

std::uint64_t current_seed = 0;

double number_from(const char* name, double otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::strtod(text, nullptr);
}

/// Called when the program dies: by a sanitizer, by a WEIR_CHECK, by a signal, or because nothing moves any more.
void tell_what_happened() {
  if (under_way == nullptr) return;
  const std::string text = under_way->model().trace.of("", 0);
  std::fprintf(stderr, "\nchaos: seed %llu died; play it again with CHAOS_SEED=%llu CHAOS_EPISODES=1\n%s\n",
               static_cast<unsigned long long>(current_seed), static_cast<unsigned long long>(current_seed),
               text.c_str());
  under_way = nullptr;
}

void on_signal(int number) {
  if (number == SIGALRM) std::fprintf(stderr, "chaos: an episode does not end: a turn of the loop spins or waits\n");
  std::signal(SIGABRT, SIG_DFL);
  tell_what_happened();
  std::signal(number, SIG_DFL);
  std::raise(number == SIGALRM ? SIGABRT : number);
}

void prepare() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGABRT, on_signal);
  std::signal(SIGALRM, on_signal);
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(tell_what_happened);
  } else {
    std::signal(SIGSEGV, on_signal);
    std::signal(SIGBUS, on_signal);
  }
  log::configure(log::Level::error, log::Format::text);
}

/// A directory for Unix sockets, short enough for their addresses.
struct Directory {
  std::string path = "/tmp/weir-chaos-XXXXXX";
  Directory() {
    if (mkdtemp(path.data()) == nullptr) std::abort();
  }
  ~Directory() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("A worker survives whatever clients, the app, DNS, deadlines and reloads do, in any order") {
  prepare();
  const double begun = real_seconds();
  const double limit = number_from("CHAOS_SECONDS", CHAOS_DEFAULT_SECONDS);
  const auto most = static_cast<std::uint64_t>(number_from("CHAOS_EPISODES", 1e9));
  const auto steps = static_cast<std::size_t>(number_from("CHAOS_STEPS", 400));
  const char* given_seed = std::getenv("CHAOS_SEED");
  std::uint64_t seed = 1;
  if (std::getenv("CHAOS_SECONDS") != nullptr) seed = static_cast<std::uint64_t>(std::time(nullptr)) * 1000;
  if (given_seed != nullptr) seed = std::strtoull(given_seed, nullptr, 10);
  std::uint64_t played = 0;
  std::string violation;
  const Directory directory;
  while (violation.empty() && played < most && (played == 0 || real_seconds() - begun < limit)) {
    current_seed = seed++;
    alarm(120);
    try {
      Episode episode(current_seed, directory.path);
      episode.model().trace.set_loud(std::getenv("CHAOS_TRACE") != nullptr);
      episode.play(steps);
    } catch (const Violation& found) {
      violation = found.what();
    }
    ++played;
  }
  alarm(0);
  MESSAGE("played ", played, " episodes of ", steps, " steps in ", real_seconds() - begun, " s");
  INFO("seed ", current_seed, " after ", real_seconds() - begun, " s; play it again with CHAOS_SEED=", current_seed,
       " CHAOS_EPISODES=1\n", violation);
  CHECK(violation.empty());
}

}  // namespace weir::chaos
