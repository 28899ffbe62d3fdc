#include "file_text.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

namespace weir::config {

Result<std::string> read_file(const std::string& file, std::size_t max_bytes) {
  struct stat status = {};
  if (stat(file.c_str(), &status) != 0) return Error{fmt::format("cannot be read: {}", std::strerror(errno))};
  if (S_ISDIR(status.st_mode)) return Error{"is a directory"};
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Error{fmt::format("cannot be read: {}", std::strerror(errno))};
  std::string text;
  std::array<char, 16 * 1024> block;
  while (stream && text.size() <= max_bytes) {
    stream.read(block.data(), block.size());
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return Error{fmt::format("cannot be read: {}", std::strerror(errno))};
  if (text.size() > max_bytes) return Error{fmt::format("is larger than {} bytes", max_bytes)};
  return text;
}

}  // namespace weir::config
