#pragma once

#include <string>
#include <string_view>

namespace weir {

/// RFC 4648 section 5 without padding, as JWS has it (RFC 7515 section 2): one text for each sequence of bytes, so bits
/// that are left over must be 0. Replaces `out`; allocates only where that is too small. False: it is something else.
bool decode_base64url(std::string_view text, std::string& out);

}  // namespace weir
