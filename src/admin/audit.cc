#include "audit.h"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <weir/base/log.h>

namespace weir::admin {
namespace {

/// Parameters that say what a change is about.
constexpr std::array<std::string_view, 4> kShown = {"route", "method", "group", "name"};
constexpr std::size_t kLongest = 200;

std::string what_of(const Request& request) {
  std::string what = fmt::format("{} {}", label(request.method), request.path.substr(0, kLongest));
  for (const std::string_view name : kShown) {
    if (const auto value = request.query.find(name)) what += fmt::format(" {}={}", name, value->substr(0, kLongest));
  }
  return what;
}

void write(const std::string& who, const std::string& client, const std::string& what, int status) {
  log::info("admin change",
            {{"who", who.empty() ? "unknown" : who}, {"client", client}, {"what", what}, {"status", status}});
}

}  // namespace

void audit(const Request& request, int status) {
  write(request.caller.name, request.client, what_of(request), status);
}

Reply audited(const Request& request, Reply reply) {
  return [who = request.caller.name, client = request.client, what = what_of(request),
          reply = std::move(reply)](const Answer& answer) {
    write(who, client, what, answer.status);
    reply(answer);
  };
}

}  // namespace weir::admin
