#pragma once

#include <string>
#include <string_view>

#include <weir/base/result.h>

namespace weir::config {

/// `text` with every `${NAME}` and `${NAME:-default}` replaced from the process's environment. The default holds where
/// the variable is unset or empty; without one, an unset variable is an error. `$${` stands for `${`; any other `$` is
/// itself. What comes in is not looked at again. Thread: none may change the environment meanwhile.
Result<std::string> expand_environment(std::string_view text);

/// Whether it is `${NAME}` and nothing else: no default, which may be a secret.
bool is_variable(std::string_view text);

/// The reverse for printing: what `expand_environment` turns back into `text`.
std::string escape_environment(std::string_view text);

}  // namespace weir::config
