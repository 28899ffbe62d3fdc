#pragma once

#include "access.h"
#include "desk.h"
#include "message.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::admin {

/// The names of the query parameters that a call takes; nothing: whatever comes, and none of it counts.
using TakenParameters = std::optional<std::span<const std::string_view>>;

/// One call of the admin API. HEAD goes where GET goes.
struct Endpoint {
  Method method;
  std::string_view path;
  Role role;
  void (*handle)(Desk& desk, const Request& request, Reply reply);
  TakenParameters parameters;
  bool is_audited = role == Role::change;  ///< each call is logged: not what apps do all the time
};

/// All of them.
std::span<const Endpoint> endpoints();

/// The one that a request is for; null where there is none.
const Endpoint* find_endpoint(Method method, std::string_view path);
/// `GET, HEAD, POST, OPTIONS`: what may be done with `path`; empty where there is no such path.
std::string allowed_methods(std::string_view path);

}  // namespace weir::admin
