#pragma once

#include "model.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::chaos {

/// A plain reader of bodies, by which both ends judge what weir gives them: checks every octet against its pattern.
class Body {
 public:
  enum class Framing : std::uint8_t { none, length, chunked, until_close };

  void begin(Framing framing, std::uint64_t length, std::uint32_t id, Role role) {
    *this = Body();
    framing_ = framing;
    left_ = length;
    id_ = id;
    role_ = role;
    is_done_ = framing == Framing::none || (framing == Framing::length && length == 0);
  }

  bool is_done() const { return is_done_; }
  bool ends_with_connection() const { return framing_ == Framing::until_close; }
  std::uint64_t octets() const { return octets_; }
  /// Empty as long as all was right.
  const std::string& problem() const { return problem_; }

  /// Returns how much of `data` belongs to the body; stops at a problem.
  std::size_t feed(std::string_view data) {
    std::size_t at = 0;
    while (at < data.size() && !is_done_ && problem_.empty()) {
      if (framing_ == Framing::until_close) {
        take(data.substr(at));
        at = data.size();
      } else if (left_ > 0) {
        const std::size_t size = std::min<std::uint64_t>(left_, data.size() - at);
        take(data.substr(at, size));
        at += size;
        left_ -= size;
        if (left_ == 0 && framing_ == Framing::length) is_done_ = true;
        if (left_ == 0 && framing_ == Framing::chunked) is_after_data_ = true;
      } else {
        const char c = data[at++];
        line_ += c;
        if (c == '\n') end_line();
        if (line_.size() > 4096) problem_ = "a chunk's line has no end";
      }
    }
    return at;
  }

 private:
  void take(std::string_view data) {
    const std::size_t wrong = first_difference(data, id_, role_, octets_);
    if (wrong != std::string_view::npos) {
      problem_ = fmt::format("octet {} of the body is not the one that was sent, but \"{}\"", octets_ + wrong,
                             data.substr(wrong, 40));
    }
    octets_ += data.size();
  }

  void end_line() {
    const std::string line = std::exchange(line_, {});
    if (!line.ends_with("\r\n")) {
      problem_ = fmt::format("a chunk's line does not end in CRLF: \"{}\"", line.substr(0, 40));
    } else if (is_after_data_) {
      is_after_data_ = false;
      if (line != "\r\n") problem_ = fmt::format("chunk data is followed by \"{}\"", line.substr(0, 40));
    } else if (is_in_trailers_) {
      if (line == "\r\n") is_done_ = true;
    } else {
      std::size_t used = 0;
      try {
        left_ = std::stoull(line, &used, 16);
      } catch (const std::exception&) {
        used = 0;
      }
      if (used == 0) problem_ = fmt::format("no chunk size: \"{}\"", line.substr(0, 40));
      if (left_ == 0) is_in_trailers_ = true;
    }
  }

  Framing framing_ = Framing::none;
  std::uint64_t left_ = 0;
  std::uint64_t octets_ = 0;
  std::uint32_t id_ = 0;
  Role role_ = Role::request;
  std::string line_;
  std::string problem_;
  bool is_after_data_ = false;
  bool is_in_trailers_ = false;
  bool is_done_ = true;
};

}  // namespace weir::chaos
