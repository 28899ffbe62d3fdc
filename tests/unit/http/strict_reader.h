#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::http::testing {

/// What a reader of its own makes of a request: written from the RFCs alone and in the plainest way, so that it shares
/// no line and no idea with the code under test.
struct PlainRequest {
  std::string method, target;
  int minor_version = 1;
  std::vector<std::pair<std::string, std::string>> fields;
  std::size_t head_size = 0;
  bool is_chunked = false;
  std::optional<std::uint64_t> length;
};

inline std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

inline std::string without_outer_spaces(std::string text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.erase(0, 1);
  return text;
}

inline bool is_plain_token(const std::string& text) {
  const std::string_view special = "!#$%&'*+-.^_`|~";
  for (const char c : text) {
    const bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_alnum && special.find(c) == std::string_view::npos) return false;
  }
  return !text.empty();
}

/// Nothing unless `text` begins with one request head that is well-formed to the letter and has one framing.
inline std::optional<PlainRequest> read_strictly(std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  PlainRequest request;
  request.head_size = end + 4;
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < end; ++i) {
    if (text[i] == '\r') {
      if (text[i + 1] != '\n') return std::nullopt;
      lines.emplace_back();
      ++i;
    } else if (text[i] == '\n' || text[i] == '\0') {
      return std::nullopt;
    } else {
      lines.back() += text[i];
    }
  }
  const std::string& start = lines[0];
  const std::size_t first = start.find(' ');
  const std::size_t last = start.rfind(' ');
  if (first == std::string::npos || first == last || start.find(' ', first + 1) != last) return std::nullopt;
  request.method = start.substr(0, first);
  request.target = start.substr(first + 1, last - first - 1);
  const std::string version = start.substr(last + 1);
  if (!is_plain_token(request.method) || (version != "HTTP/1.0" && version != "HTTP/1.1")) return std::nullopt;
  request.minor_version = version.back() - '0';

  int hosts = 0, codings = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string::npos || !is_plain_token(lines[i].substr(0, colon))) return std::nullopt;
    const std::string name = lower_case(lines[i].substr(0, colon));
    const std::string value = without_outer_spaces(lines[i].substr(colon + 1));
    request.fields.emplace_back(lines[i].substr(0, colon), value);
    hosts += name == "host";
    if (name == "transfer-encoding") {
      if (lower_case(value) != "chunked" || ++codings > 1) return std::nullopt;
      request.is_chunked = true;
    }
    if (name == "content-length") {
      if (value.empty() || value.size() > 19 || value.find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
      }
      const std::uint64_t length = std::stoull(value);
      if (request.length && *request.length != length) return std::nullopt;
      request.length = length;
    }
  }
  if (hosts > 1 || (hosts == 0 && request.minor_version == 1)) return std::nullopt;
  if (request.is_chunked && (request.length || request.minor_version == 0)) return std::nullopt;
  return request;
}

}  // namespace weir::http::testing
