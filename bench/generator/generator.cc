// An HTTP load generator that does not forgive stalls: with a rate, requests are due at fixed times and their latency
// counts from there. Prints one line of JSON. `--hold N` opens connections and keeps them idle until stdin ends.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <vector>

#include <netdb.h>
#include <sys/resource.h>
#include <unistd.h>

#include "load.h"

namespace {

using generator::Findings;

double percentile_us(const std::vector<std::uint64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return static_cast<double>(sorted[std::min(rank, sorted.size() - 1)]) / 1e3;
}

void print(Findings findings) {
  std::sort(findings.latencies_ns.begin(), findings.latencies_ns.end());
  std::sort(findings.own_lag_ns.begin(), findings.own_lag_ns.end());
  const auto& all = findings.latencies_ns;
  double sum = 0;
  for (const std::uint64_t each : all) sum += static_cast<double>(each) / 1e3;
  std::printf("{\"requests\":%zu,\"failed\":%llu,\"bad_status\":%llu,\"unfinished\":%llu,\"waited\":%llu,\"body_bytes\":%llu,"
              "\"seconds\":%.6f,\"mean_us\":%.1f,\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,"
              "\"own_lag_p99_us\":%.1f}\n",
              all.size() - findings.unfinished, static_cast<unsigned long long>(findings.failed),
              static_cast<unsigned long long>(findings.bad_status), static_cast<unsigned long long>(findings.unfinished),
              static_cast<unsigned long long>(findings.waited), static_cast<unsigned long long>(findings.body_bytes),
              findings.seconds, all.empty() ? 0 : sum / static_cast<double>(all.size()), percentile_us(all, 0.5),
              percentile_us(all, 0.9), percentile_us(all, 0.99), percentile_us(all, 0.999), percentile_us(all, 1),
              percentile_us(findings.own_lag_ns, 0.99));
  std::fflush(stdout);
}

bool resolve(const generator::Options& options, sockaddr_storage& out) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(options.host.c_str(), options.port.c_str(), &hints, &found);
  if (error != 0) {
    std::fprintf(stderr, "generator: %s:%s: %s\n", options.host.c_str(), options.port.c_str(), gai_strerror(error));
    return false;
  }
  // A name may have several addresses, and the service listen on one of them: the first that answers is taken.
  const addrinfo* chosen = found;
  for (const addrinfo* each = found; each != nullptr && found->ai_next != nullptr; each = each->ai_next) {
    const int probe = socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_there = probe >= 0 && connect(probe, each->ai_addr, each->ai_addrlen) == 0;
    if (probe >= 0) close(probe);
    if (!is_there) continue;
    chosen = each;
    break;
  }
  std::memcpy(&out, chosen->ai_addr, chosen->ai_addrlen);
  freeaddrinfo(found);
  return true;
}

void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is an error of that connection alone
  const generator::Options options = generator::Options::read(count, arguments);
  allow_many_files();
  sockaddr_storage address{};
  if (!resolve(options, address)) return 1;
  generator::Load load(options, address);
  const bool went_well = load.run();
  print(load.findings());
  if (options.hold > 0) {
    char ignored;
    while (::read(STDIN_FILENO, &ignored, 1) > 0) continue;
  }
  if (!went_well) std::fprintf(stderr, "generator: no answer from %s:%s\n", options.host.c_str(), options.port.c_str());
  return went_well ? 0 : 1;
}
