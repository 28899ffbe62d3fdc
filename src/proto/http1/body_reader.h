#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include <weir/http/chunked.h>
#include <weir/http/head.h>

namespace weir::proto::http1 {

/// Finds the end of a message body, whatever its framing, and says which bytes go on. HOT PATH.
class BodyReader {
 public:
  using Step = http::ChunkedReader::Step;

  void start(const http::Framing& framing, http::ChunkedReader::Output output, const http::HeadLimits& limits) {
    kind_ = framing.kind;
    remaining_ = framing.length;
    is_done_ = kind_ == http::Framing::Kind::none;
    if (kind_ == http::Framing::Kind::chunked) chunked_.start(output, limits, framing.is_from_app);
  }

  bool is_done() const { return is_done_; }
  /// Lines of a chunked body's trailers, good until the next `start`.
  std::string_view trailers() const {
    return kind_ == http::Framing::Kind::chunked ? chunked_.trailers() : std::string_view();
  }
  bool ends_with_connection() const { return kind_ == http::Framing::Kind::until_close; }
  void end_with_connection() { is_done_ = true; }

  /// May rewrite `data` in place; see ChunkedReader.
  Step feed(std::span<char> data) {
    Step step;
    switch (kind_) {
      case http::Framing::Kind::none:
        break;
      case http::Framing::Kind::length: {
        step.consumed = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, data.size()));
        step.octets = step.consumed;
        remaining_ -= step.consumed;
        is_done_ = remaining_ == 0;
        step.forward = {data.data(), step.consumed};
        break;
      }
      case http::Framing::Kind::until_close:
        step.consumed = data.size();
        step.octets = data.size();
        step.forward = {data.data(), data.size()};
        break;
      case http::Framing::Kind::chunked:
        step = chunked_.feed(data);
        is_done_ = step.is_done;
        break;
    }
    step.is_done = is_done_;
    return step;
  }

 private:
  http::Framing::Kind kind_ = http::Framing::Kind::none;
  bool is_done_ = true;
  std::uint64_t remaining_ = 0;
  http::ChunkedReader chunked_;
};

}  // namespace weir::proto::http1
