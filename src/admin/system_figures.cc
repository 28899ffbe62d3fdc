#include "system_figures.h"

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <thread>

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace weir::admin {

namespace {

std::string first_line(const char* file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

double ticks_per_second() { return static_cast<double>(::sysconf(_SC_CLK_TCK)); }

/// proc(5): the fields of /proc/stat's first line; guest time is in user time already.
void read_host_cpu(SystemReading& reading) {
  std::istringstream line(first_line("/proc/stat"));
  std::string name;
  double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  line >> name >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
  const double busy = user + nice + system + irq + softirq + steal;
  reading.host_busy_seconds = busy / ticks_per_second();
  reading.host_total_seconds = (busy + idle + iowait) / ticks_per_second();
}

void read_memory(SystemReading& reading) {
  std::ifstream file("/proc/meminfo");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t kibibytes = 0;
    words >> name >> kibibytes;
    if (name == "MemTotal:") reading.memory_total_bytes = kibibytes * 1024;
    if (name == "MemAvailable:") reading.memory_available_bytes = kibibytes * 1024;
  }
}

double boot_time() {
  std::ifstream file("/proc/stat");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

/// proc(5), /proc/self/stat: what follows the command's name, which may hold spaces and brackets itself.
void read_process(exporter::ProcessFigures& process) {
  const std::string line = first_line("/proc/self/stat");
  const std::size_t end = line.rfind(')');
  if (end == std::string::npos) return;
  std::istringstream words(line.substr(end + 1));
  std::string word;
  double user = 0, system = 0, started = 0;
  for (int field = 3; field <= 24 && words >> word; ++field) {
    switch (field) {
      case 14: user = std::stod(word); break;
      case 15: system = std::stod(word); break;
      case 20: process.threads = static_cast<std::uint32_t>(std::stoul(word)); break;
      case 22: started = std::stod(word); break;
      case 23: process.virtual_bytes = std::stoull(word); break;
      case 24: process.resident_bytes = std::stoull(word) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); break;
      default: break;
    }
  }
  process.cpu_seconds = (user + system) / ticks_per_second();
  process.start_time_seconds = boot_time() + started / ticks_per_second();
}

void read_descriptors(exporter::ProcessFigures& process) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    ++process.open_fds;
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) process.max_fds = limit.rlim_cur;
}

}  // namespace

SystemReading read_system(const std::string& disk) {
  SystemReading reading;
  reading.at = WallClock::now();
  reading.clock = Clock::now();
  reading.cpus = std::max(1U, std::thread::hardware_concurrency());
  read_host_cpu(reading);
  read_memory(reading);
  read_process(reading.process);
  read_descriptors(reading.process);
  std::istringstream(first_line("/proc/loadavg")) >> reading.load_1m;
  struct statvfs status{};
  if (::statvfs(disk.c_str(), &status) == 0) {
    reading.disk_total_bytes = std::uint64_t{status.f_blocks} * status.f_frsize;
    reading.disk_free_bytes = std::uint64_t{status.f_bavail} * status.f_frsize;
  }
  return reading;
}

}  // namespace weir::admin
