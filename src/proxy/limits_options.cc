#include <weir/proxy/limits_options.h>

#include <fmt/format.h>

#include <weir/base/units.h>

namespace weir::proxy {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kEiB = 1ULL << 60;

}  // namespace

void LimitsOptions::read(Settings& settings) {
  header_size = settings.size("header_size", header_size, {kKiB, 16 * kMiB});
  uri_size = settings.size("uri_size", uri_size, {64, 16 * kMiB});
  header_count = settings.integer("header_count", header_count, {1, 10000});
  body_size = settings.size("body_size", body_size, {0, kEiB}, kUnlimitedWord);
  connections = settings.integer("connections", connections, {1, 10'000'000});
  if (uri_size > header_size) {
    settings.problem("uri_size", fmt::format("{} is more than a whole head may have", format_size(uri_size)),
                     fmt::format("write at most header_size, {}", format_size(header_size)));
  }
}

}  // namespace weir::proxy
