#include <weir/admin/admin_options.h>

#include <algorithm>

#include <fmt/format.h>

#include <weir/net/listener_options.h>

namespace weir::admin {
namespace {

/// A header carries it as it stands.
bool is_visible_ascii(const std::string& token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

void AdminOptions::read(Settings& settings) {
  address = net::read_endpoint(settings, "address", address);
  tokens = settings.secrets("tokens", tokens);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (is_visible_ascii(tokens[i])) continue;
    settings.problem(fmt::format("tokens[{}]", i), tokens[i].empty() ? "the token is empty" : "no header can carry it",
                     "use letters, digits and signs without spaces");
  }
}

}  // namespace weir::admin
