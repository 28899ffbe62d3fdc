#pragma once

#include <vector>

#include <weir/route/pattern.h>

namespace weir::route {

/// Gives every parameter the name that an API author would: `/users/{user_id}/posts/{post_id}`,
/// `/repos/{repo}/{repo_2}`.
std::vector<Segment> name_parameters(std::vector<Segment> segments);

}  // namespace weir::route
