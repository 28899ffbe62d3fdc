#pragma once

#include "message.h"

namespace weir::admin {

/// A line in the log for a change that somebody made or was refused: who, from where, what, and what came of it. Never
/// a credential, nor a body, nor a parameter that could be one.
void audit(const Request& request, int status);

/// `reply`, with the line written once the outcome is known.
Reply audited(const Request& request, Reply reply);

}  // namespace weir::admin
