#include "stage.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <list>
#include <mutex>
#include <netdb.h>
#include <optional>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weir::chaos {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// Where each episode begins.
constexpr std::int64_t kStart = 1'000'000 * kSecond;

struct Query {
  std::uint64_t id;
  std::string name;
  std::optional<std::vector<std::string>> answer;
};

struct State {
  std::atomic<bool> is_on{false};
  std::atomic<std::int64_t> now{0};
  bool has_stalls = false;
  unsigned shortage = 0;
  Dice dice{0};

  std::mutex mutex;
  std::condition_variable changed;
  std::list<Query> queries;
  std::uint64_t next_query = 1;
  bool fails_lookups = false;
};

/// Never destroyed: threads of libuv's outlive everything.
State& state() {
  static State* const only = new State;
  return *only;
}

thread_local bool is_stage_thread = false;

bool is_on_stage() { return is_stage_thread && state().is_on.load(std::memory_order_relaxed); }

std::int64_t read_clock() {
  State& stage = state();
  if (!is_stage_thread) return stage.now.load(std::memory_order_relaxed);
  std::int64_t step = 1000;
  if (stage.has_stalls && stage.dice.one_in(3000)) step = static_cast<std::int64_t>(stage.dice.below(400)) * 1'000'000;
  return stage.now.fetch_add(step, std::memory_order_relaxed) + step;
}

int wait_for_events(int epoll, epoll_event* events, int room, int timeout, const sigset_t* mask) {
  State& stage = state();
  const auto wait = [&](int limit) {
    return static_cast<int>(syscall(SYS_epoll_pwait, epoll, events, room, limit, mask, 8));
  };
  if (!is_on_stage()) return wait(timeout);
  const int count = wait(0);
  if (count == 0 && timeout > 0) stage.now.fetch_add(std::int64_t{timeout} * 1'000'000, std::memory_order_relaxed);
  // Nothing is due: only another thread can have something to say.
  if (count == 0 && timeout < 0) return wait(100);
  if (count > 1 && stage.dice.one_in(2)) {
    for (int i = count - 1; i > 0; --i) std::swap(events[i], events[stage.dice.below(static_cast<std::size_t>(i) + 1)]);
  }
  return count;
}

using RealGetaddrinfo = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

RealGetaddrinfo real_getaddrinfo() {
  static const auto real = reinterpret_cast<RealGetaddrinfo>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real;
}

int look_up(const char* name, const char* port, const addrinfo* hints, addrinfo** found) {
  State& stage = state();
  std::vector<std::string> addresses;
  {
    std::unique_lock lock(stage.mutex);
    if (stage.fails_lookups) return EAI_AGAIN;
    stage.queries.push_back({.id = stage.next_query++, .name = name, .answer = {}});
    const auto own = std::prev(stage.queries.end());
    stage.changed.wait(lock, [&] { return own->answer.has_value() || stage.fails_lookups; });
    if (own->answer) addresses = *own->answer;
    stage.queries.erase(own);
  }
  if (addresses.empty()) return EAI_NONAME;
  addrinfo numeric{};
  if (hints != nullptr) numeric = *hints;
  numeric.ai_flags = AI_NUMERICHOST;
  addrinfo** place = found;
  for (const std::string& address : addresses) {
    if (const int error = real_getaddrinfo()(address.c_str(), port, &numeric, place); error != 0) return error;
    while (*place != nullptr) place = &(*place)->ai_next;
  }
  return 0;
}

/// The other threads of the program, by what /proc says of each.
class Others {
 public:
  bool sleep() {
    look();
    bool all_sleep = true;
    for (const int file : threads_) {
      const char state = state_of(file);
      // One has ended, and another may have come: they are listed again.
      if (state == 'X') links_ = 0;
      if (state != 'S') all_sleep = false;
    }
    return all_sleep;
  }

 private:
  /// Threads come seldom: the number of links to the directory tells.
  void look() {
    if (directory_ < 0) directory_ = ::open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat now {};
    if (fstat(directory_, &now) != 0 || now.st_nlink == links_) return;
    links_ = now.st_nlink;
    for (const int file : threads_) ::close(file);
    threads_.clear();
    const std::string own = std::to_string(syscall(SYS_gettid));
    DIR* listing = opendir("/proc/self/task");
    while (const dirent* entry = listing == nullptr ? nullptr : readdir(listing)) {
      if (entry->d_name[0] == '.' || own == entry->d_name) continue;
      const int file = ::open(fmt::format("/proc/self/task/{}/stat", entry->d_name).c_str(), O_RDONLY | O_CLOEXEC);
      if (file >= 0) threads_.push_back(file);
    }
    if (listing != nullptr) closedir(listing);
  }

  /// `S` sleeps, `X` is gone, anything that works or waits for a disk is as good as `R`; see proc(5).
  static char state_of(int file) {
    char line[256] = {};
    if (pread(file, line, sizeof line - 1, 0) <= 0) return 'X';
    const char* end_of_name = std::strrchr(line, ')');
    const char state = end_of_name == nullptr || end_of_name[1] == '\0' ? 'X' : end_of_name[2];
    return state == 'S' || state == 'X' ? state : state == 'Z' ? 'S' : 'R';
  }

  int directory_ = -1;
  nlink_t links_ = 0;
  std::vector<int> threads_;
};

}  // namespace

Stage::Stage(std::uint64_t seed) {
  State& stage = state();
  is_stage_thread = true;
  stage.dice = Dice(seed ^ 0x5DEECE66DU);
  stage.has_stalls = false;
  stage.shortage = 0;
  stage.now.store(kStart);
  stage.fails_lookups = false;
  stage.is_on.store(true);
}

Stage::~Stage() {
  end_lookups();
  state().is_on.store(false);
  is_stage_thread = false;
}

void Stage::advance(nanoseconds by) { state().now.fetch_add(by.count(), std::memory_order_relaxed); }

nanoseconds Stage::elapsed() const { return nanoseconds(state().now.load(std::memory_order_relaxed) - kStart); }

void Stage::set_stalls(bool has_stalls) { state().has_stalls = has_stalls; }

void Stage::set_shortage(unsigned percent) { state().shortage = percent; }

void Stage::settle() const {
  const double limit = real_seconds() + 5;
  int quiet = 0;
  static Others others;
  // Twice: one that was seen asleep may have been woken by one that was looked at later.
  while (quiet < 2 && real_seconds() < limit) {
    quiet = others.sleep() ? quiet + 1 : 0;
    if (quiet == 0) sched_yield();
  }
}

std::vector<Stage::Lookup> Stage::lookups() const {
  State& stage = state();
  const std::lock_guard lock(stage.mutex);
  std::vector<Lookup> found;
  for (const Query& query : stage.queries) {
    if (!query.answer) found.push_back({query.id, query.name});
  }
  // Threads come in any order.
  std::stable_sort(found.begin(), found.end(), [](const Lookup& a, const Lookup& b) { return a.name < b.name; });
  return found;
}

void Stage::answer(std::uint64_t lookup, const std::vector<std::string>& addresses) {
  State& stage = state();
  const std::lock_guard lock(stage.mutex);
  for (Query& query : stage.queries) {
    if (query.id == lookup) query.answer = addresses;
  }
  stage.changed.notify_all();
}

void Stage::end_lookups() {
  State& stage = state();
  const std::lock_guard lock(stage.mutex);
  stage.fails_lookups = true;
  stage.changed.notify_all();
}

double real_seconds() {
  timespec now{};
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace weir::chaos

// These replace libc's, for every part of the program.
extern "C" {

[[gnu::visibility("default")]] int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const bool is_monotonic = clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE ||
                            clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_BOOTTIME;
  if (!is_monotonic || !weir::chaos::state().is_on.load(std::memory_order_relaxed)) {
    return static_cast<int>(syscall(SYS_clock_gettime, clock, now));
  }
  const std::int64_t shown = weir::chaos::read_clock();
  now->tv_sec = shown / weir::chaos::kSecond;
  now->tv_nsec = shown % weir::chaos::kSecond;
  return 0;
}

[[gnu::visibility("default")]] int epoll_wait(int epoll, epoll_event* events, int room, int timeout) {
  return weir::chaos::wait_for_events(epoll, events, room, timeout, nullptr);
}

[[gnu::visibility("default")]] int epoll_pwait(int epoll, epoll_event* events, int room, int timeout,
                                               const sigset_t* mask) {
  return weir::chaos::wait_for_events(epoll, events, room, timeout, mask);
}

[[gnu::visibility("default")]] int socket(int family, int type, int protocol) noexcept {
  weir::chaos::State& stage = weir::chaos::state();
  if (weir::chaos::is_on_stage() && stage.shortage > 0 && stage.dice.percent(stage.shortage)) {
    errno = EMFILE;
    return -1;
  }
  return static_cast<int>(syscall(SYS_socket, family, type, protocol));
}

[[gnu::visibility("default")]] ssize_t getrandom(void* out, size_t size, unsigned flags) {
  if (!weir::chaos::is_on_stage()) return syscall(SYS_getrandom, out, size, flags);
  auto* bytes = static_cast<unsigned char*>(out);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(weir::chaos::state().dice.next());
  return static_cast<ssize_t>(size);
}

[[gnu::visibility("default")]] int getaddrinfo(const char* name, const char* port, const addrinfo* hints,
                                               addrinfo** found) {
  constexpr std::string_view kOwn = ".test";
  if (name != nullptr && std::string_view(name).ends_with(kOwn)) return weir::chaos::look_up(name, port, hints, found);
  return weir::chaos::real_getaddrinfo()(name, port, hints, found);
}
}
