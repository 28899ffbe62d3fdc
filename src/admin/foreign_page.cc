#include "foreign_page.h"

#include <weir/base/bytes.h>

namespace weir::admin {
namespace {

bool is_own_origin(std::string_view origin, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme) && equals_ignoring_case(origin.substr(scheme.size()), host)) return true;
  }
  return false;
}

}  // namespace

bool is_from_foreign_page(const Request& request, bool changes) {
  if (changes && !request.origin.empty() && !is_own_origin(request.origin, request.host)) return true;
  const bool is_own_site =
      request.fetch_site.empty() || request.fetch_site == "same-origin" || request.fetch_site == "none";
  if (is_own_site) return false;
  return changes || request.fetch_mode != "navigate";
}

}  // namespace weir::admin
