#include "problem.h"

#include <fmt/format.h>

namespace weir::config {
namespace {

constexpr std::size_t kLongestPart = 400;

/// Keeps a message one line that no terminal takes for commands, and of a length that is read.
std::string in_one_line(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kLongestPart)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  if (text.size() > kLongestPart) {
    // A cut may not split a character: the bytes of a begun one go.
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
    if (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80) != 0) out.pop_back();
    out += "...";
  }
  return out;
}

}  // namespace

std::string Problem::to_string(const std::string& file) const { return fmt::format("{}: {}", place(file), text()); }

std::string Problem::place(const std::string& file) const {
  return line > 0 ? fmt::format("{}:{}:{}", file, line, column) : file;
}

std::string Problem::text() const {
  std::string out;
  if (!key.empty()) out += in_one_line(key) + ": ";
  out += in_one_line(what);
  if (!mend.empty()) out += " (" + in_one_line(mend) + ")";
  return out;
}

}  // namespace weir::config
