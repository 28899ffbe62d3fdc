#include "process.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <span>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <weir/base/write_all.h>
#include <weir/proxy/limits_options.h>

namespace weir::app {
namespace {

/// What weir itself needs: files, loops, listeners, and the admin API's connections.
constexpr std::uint64_t kOwnDescriptors = 256;

/// CPUs' worth of time a period, from cgroup v2's cpu.max (`200000 100000`); 0 where there is no quota.
double quota_of_control_group() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  return std::strtod(quota.c_str(), nullptr) / period;
}

bool is_traced() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("TracerPid:")) return !line.ends_with("\t0");
  }
  return false;
}

}  // namespace

void fill_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest number that is free, which is this one.
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return;
  }
}

SignalsBlocked::SignalsBlocked() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

SignalsBlocked::~SignalsBlocked() {
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

Exit print(std::string_view verb, std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return Exit::success;
  std::fputs(fmt::format("weir {}: {}\n", verb, kNoOutput).c_str(), stderr);
  return Exit::refused;
}

std::uint32_t usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  if (const double quota = quota_of_control_group(); quota > 0) {
    count = std::min(count, static_cast<int>(std::ceil(quota)));
  }
  return static_cast<std::uint32_t>(std::max(count, 1));
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

void give_back_start_up_code() {
  // A debugger's breakpoints stand in these pages.
  if (is_traced()) return;
  const auto unmap = [](dl_phdr_info* object, std::size_t, void*) {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    for (const ElfW(Phdr)& part : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
      if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
      const std::uintptr_t begin = (object->dlpi_addr + part.p_vaddr) / page * page;
      const std::uintptr_t end = object->dlpi_addr + part.p_vaddr + part.p_memsz;
      ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
    return 0;
  };
  dl_iterate_phdr(unmap, nullptr);
}

std::uint32_t affordable_connections(std::uint32_t wanted, std::uint64_t upstream_connections,
                                     std::uint64_t descriptors) {
  const std::uint64_t free = descriptors - std::min(kOwnDescriptors, descriptors / 2);
  // Most clients are idle most of the time, so a quarter is left for the app; a request that finds none is answered
  // 503.
  const std::uint64_t room = free - std::min(free / 4, upstream_connections);
  if (std::uint64_t{wanted} + proxy::LimitsOptions::refusals_beyond(wanted) <= room) return wanted;
  const std::uint64_t refusals = std::min(room / 16 + 64, room / 2);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(room - refusals, 1, wanted));
}

}  // namespace weir::app
