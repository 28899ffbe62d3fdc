#include <weir/base/printable.h>

#include <weir/base/bytes.h>

namespace weir {

bool is_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80 ? std::size_t{byte >= 0x20 && byte != 0x7F} : utf8_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

}  // namespace weir
