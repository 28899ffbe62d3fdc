#include "options.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace generator {
namespace {

constexpr std::uint32_t kMaxConnections = 50'000;

[[noreturn]] void usage(const char* problem, std::string_view what) {
  std::fprintf(stderr, "generator: %s: %.*s\n", problem, static_cast<int>(what.size()), what.data());
  std::fputs("usage: generator [--rate PER_SECOND] [--connections N] [--seconds S] [--requests N] [--body BYTES]\n"
             "                 [--distinct N] [--first N] [--close] [--hold N] [--host-header TEXT] HOST PORT PATH\n",
             stderr);
  std::exit(2);
}

template <typename Number>
Number number(std::string_view name, const char* text) {
  Number value{};
  const char* const end = text + std::strlen(text);
  const auto [stopped, error] = std::from_chars(text, end, value);
  if (error != std::errc() || stopped != end || value < Number{}) usage("not a number", name);
  return value;
}

}  // namespace

Options Options::read(int count, char** arguments) {
  Options o;
  int at = 1;
  for (; at < count && std::string_view(arguments[at]).starts_with("--"); ++at) {
    const std::string_view name = arguments[at];
    if (name == "--close") {
      o.closes = true;
      continue;
    }
    if (++at == count) usage("a value is missing", name);
    const char* value = arguments[at];
    if (name == "--rate") o.rate = number<double>(name, value);
    else if (name == "--connections") o.connections = number<std::uint32_t>(name, value);
    else if (name == "--seconds") o.seconds = number<double>(name, value);
    else if (name == "--requests") o.requests = number<std::uint64_t>(name, value);
    else if (name == "--body") o.body_bytes = number<std::uint64_t>(name, value);
    else if (name == "--distinct") o.distinct = std::max<std::uint64_t>(1, number<std::uint64_t>(name, value));
    else if (name == "--first") o.first = number<std::uint64_t>(name, value);
    else if (name == "--hold") o.hold = number<std::uint32_t>(name, value);
    else if (name == "--host-header") o.host_header = value;
    else usage("there is no such option", name);
  }
  if (count - at != 3) usage("HOST PORT PATH are needed", "");
  o.host = arguments[at];
  o.port = arguments[at + 1];
  o.path = arguments[at + 2];
  if (o.host_header.empty()) o.host_header = o.host + ":" + o.port;
  if (o.connections == 0 || o.connections > kMaxConnections || o.hold > kMaxConnections) usage("1 to 50000 connections", "");
  return o;
}

}  // namespace generator
