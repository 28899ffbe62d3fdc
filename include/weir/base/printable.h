#pragma once

#include <string_view>

namespace weir {

/// UTF-8 without control characters: what may be shown to people, and be the value of a label, as it stands.
bool is_printable(std::string_view text);

}  // namespace weir
