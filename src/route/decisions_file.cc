#include <weir/route/decisions_file.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <weir/base/json_writer.h>
#include <weir/base/write_all.h>

namespace weir::route {

namespace {

std::string text_of(const std::vector<Decision>& decisions) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("version", 1).key("routes").begin_array();
  for (const Decision& decision : decisions) {
    json.begin_object().member("pattern", decision.pattern).member("name", decision.name);
    json.member("by", decision.by).member("at", decision.at).end_object();
  }
  json.end_array().end_object();
  return text + "\n";
}

/// What is wrong with it; empty if nothing is.
std::string read(std::string_view text, std::vector<Decision>& decisions) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root); error != simdjson::SUCCESS) {
    return fmt::format("is no valid JSON: {}", simdjson::error_message(error));
  }
  std::int64_t version = 0;
  simdjson::dom::array routes;
  if (root["version"].get(version) != simdjson::SUCCESS || version != 1) return "is not of version 1";
  if (root["routes"].get(routes) != simdjson::SUCCESS) return "has no list \"routes\"";
  for (const simdjson::dom::element one : routes) {
    std::string_view pattern;
    if (one["pattern"].get(pattern) != simdjson::SUCCESS) return "has a route without a \"pattern\"";
    if (const auto parsed = Pattern::parse(pattern); !parsed) return parsed.error().message;
    const auto member = [&one](std::string_view name) {
      std::string_view value;
      return one[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
    };
    decisions.push_back({std::string(pattern), member("name"), member("by"), member("at")});
  }
  return {};
}

/// So that the new name outlives a power cut. Some file systems refuse it; the file itself is whole either way.
void sync_folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

Result<std::vector<Decision>> load_decisions(const std::string& file) {
  std::vector<Decision> decisions;
  if (::access(file.c_str(), F_OK) != 0 && errno == ENOENT) return decisions;
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::string problem =
      stream.good() || stream.eof() ? read(text, decisions) : fmt::format("cannot be read: {}", std::strerror(errno));
  if (problem.empty()) return decisions;
  return Error{
      fmt::format("{}: the file of route_learning.file {} (mend it, or move it away to start without)", file, problem)};
}

Status save_decisions(const std::string& file, const std::vector<Decision>& decisions) {
  const std::string fresh = file + ".new";
  const auto failed = [&](const char* what) {
    const Error error{fmt::format("{} cannot be {}: {}", file, what, std::strerror(errno))};
    ::unlink(fresh.c_str());
    return error;
  };
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) return failed("written");
  const bool is_written = write_all(fd, text_of(decisions)) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  errno = error;
  if (!is_written) return failed("written");
  if (::rename(fresh.c_str(), file.c_str()) != 0) return failed("replaced");
  sync_folder_of(file);
  return Done{};
}

}  // namespace weir::route
