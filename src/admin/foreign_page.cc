#include "foreign_page.h"

#include <algorithm>
#include <optional>

#include <weir/base/bytes.h>

namespace weir::admin {
namespace {

/// What follows the scheme; nothing where that is no scheme of a page.
std::optional<std::string_view> authority_of(std::string_view origin) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) return origin.substr(scheme.size());
  }
  return std::nullopt;
}

bool is_own_origin(std::string_view origin, std::string_view host, std::span<const std::string> hosts) {
  const auto authority = authority_of(origin);
  if (authority && !authority->empty() && equals_ignoring_case(*authority, host)) return true;
  const std::string_view name = host_of_origin(origin);
  return !name.empty() &&
         std::ranges::any_of(hosts, [&](const std::string& own) { return equals_ignoring_case(name, own); });
}

}  // namespace

std::string_view host_of_origin(std::string_view origin) {
  const std::string_view authority = authority_of(origin).value_or("");
  const std::size_t colon = std::min(authority.find(':'), authority.size());
  const std::string_view port = authority.substr(std::min(colon + 1, authority.size()));
  // Nothing but a port may follow the colon: `http://name:x@elsewhere` is not of `name`.
  if (colon != authority.size() && (port.empty() || !std::ranges::all_of(port, is_digit))) return {};
  const std::string_view name = authority.substr(0, colon);
  const bool is_name = std::ranges::all_of(name, [](char c) {
    const char lower = ascii_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '-' || c == '.' || c == '_';
  });
  return is_name ? name : std::string_view();
}

ForeignSign foreign_sign(const Request& request, bool changes, std::span<const std::string> hosts) {
  if (changes && !request.origin.empty() && !is_own_origin(request.origin, request.host, hosts)) {
    return ForeignSign::origin;
  }
  const bool is_own_site =
      request.fetch_site.empty() || request.fetch_site == "same-origin" || request.fetch_site == "none";
  if (is_own_site) return ForeignSign::none;
  return changes || request.fetch_mode != "navigate" ? ForeignSign::fetch_site : ForeignSign::none;
}

}  // namespace weir::admin
