// HOT PATH: no allocation but for trailers, no lock, no system call, no log.
#include <weir/http/chunked.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include <weir/base/bytes.h>

#include "characters.h"

namespace weir::http {
namespace {

constexpr std::uint32_t kMaxSizeDigits = 16;
constexpr std::uint32_t kMaxExtensionBytes = 1024;
constexpr std::string_view kEnd = "0\r\n\r\n";

unsigned hex_value(char c) {
  if (c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>(ascii_lower(c) - 'a') + 10;
}

/// RFC 9110 section 6.5.1: what would change framing, routing, identity or how the message is read has no place
/// after the body; a recipient that merged it into the head would be fooled.
bool may_be_trailer(std::string_view name) {
  static constexpr std::string_view kForbidden[] = {
      // framing and connection
      "transfer-encoding", "content-length", "connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade",
      // routing
      "host", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "max-forwards",
      // request modifiers: controls and conditionals
      "expect", "range", "cache-control", "pragma", "if-match", "if-none-match", "if-modified-since",
      "if-unmodified-since", "if-range",
      // identity
      "authorization", "proxy-authorization", "proxy-authenticate", "www-authenticate", "cookie", "set-cookie",
      // response control
      "age", "date", "expires", "location", "retry-after", "vary", "warning",
      // how the content is read
      "content-type", "content-encoding", "content-range"};
  return std::none_of(std::begin(kForbidden), std::end(kForbidden),
                      [&](std::string_view forbidden) { return equals_ignoring_case(forbidden, name); });
}

}  // namespace

void ChunkedReader::start(Output output, const HeadLimits& limits) {
  state_ = State::size;
  output_ = output;
  limits_ = limits;
  remaining_ = 0;
  digits_ = 0;
  extension_bytes_ = 0;
  trailer_fields_ = 0;
  trailer_bytes_ = 0;
  line_.clear();
  trailers_.clear();
  tail_.clear();
}

const char* ChunkedReader::keep_trailer_line() {
  const char* const begin = line_.data();
  const char* const end = begin + line_.size();
  const char* const name_end = skip_class<kTokenChar>(begin, end);
  if (name_end == begin || name_end == end || *name_end != ':') return "a trailer line is not a field";
  if (++trailer_fields_ > limits_.fields) return "there are more trailer fields than limits.header_count";
  if (may_be_trailer({begin, static_cast<std::size_t>(name_end - begin)})) trailers_.append(line_).append("\r\n");
  line_.clear();
  return nullptr;
}

const char* ChunkedReader::end_of_size_line(char c) {
  if (c == '\r') {
    state_ = State::size_lf;
    return nullptr;
  }
  if (c == ' ' || c == '\t') {
    state_ = State::before_extension;
  } else if (c == ';') {
    state_ = State::extension;
  } else {
    return "a chunk size is not a hexadecimal number";
  }
  return nullptr;
}

ChunkedReader::Step ChunkedReader::feed(std::span<char> data) {
  Step step;
  const bool keeps_frames = output_ == Output::chunks;
  char* const begin = data.data();
  char* const end = begin + data.size();
  char* out = begin;  // never overtakes `in`
  char* in = begin;
  const auto emit = [&](char c) {
    if (keeps_frames) *out++ = c;
  };
  const auto fail = [&](const char* problem) {
    step.problem = problem;
    return step;
  };
  while (in != end && state_ != State::done) {
    if (state_ == State::data) {
      const std::size_t size = std::min(static_cast<std::uint64_t>(end - in), remaining_);
      if (out != in) std::memmove(out, in, size);
      out += size;
      in += size;
      step.octets += size;
      remaining_ -= size;
      if (remaining_ == 0) state_ = State::data_cr;
      continue;
    }
    const char c = *in++;
    switch (state_) {
      case State::size:
        if (!is_in(kHexDigit, c)) return fail("a chunk size is not a hexadecimal number");
        digits_ = 0;
        remaining_ = 0;
        extension_bytes_ = 0;
        state_ = State::size_digits;
        [[fallthrough]];
      case State::size_digits:
        if (!is_in(kHexDigit, c)) {
          if (const char* problem = end_of_size_line(c)) return fail(problem);
          if (c == '\r' && remaining_ != 0) emit('\r');
          break;
        }
        if (++digits_ > kMaxSizeDigits) return fail("a chunk size has more than 16 digits");
        if (remaining_ > (INT64_MAX >> 4)) return fail("a chunk size is too large");
        remaining_ = remaining_ * 16 + hex_value(c);
        if (remaining_ != 0) emit(c);
        break;
      case State::before_extension:
        // Bad white space is allowed before the semicolon and nowhere else (RFC 9112 section 7.1.1).
        if (c == ';') {
          state_ = State::extension;
        } else if (c != ' ' && c != '\t') {
          return fail("white space follows a chunk size");
        }
        if (++extension_bytes_ > kMaxExtensionBytes) return fail("a chunk extension is too long");
        break;
      case State::extension:
        if (c == '\r') {
          state_ = State::size_lf;
          if (remaining_ != 0) emit('\r');
        } else if (find_control(&c, &c + 1) == &c) {
          return fail("a chunk extension holds a control byte");
        } else if (++extension_bytes_ > kMaxExtensionBytes) {
          return fail("a chunk extension is too long");
        }
        break;
      case State::size_lf:
        if (c != '\n') return fail("a chunk size line does not end in CRLF");
        if (remaining_ != 0) {
          emit('\n');
          state_ = State::data;
        } else {
          state_ = State::trailer_start;
        }
        break;
      case State::data_cr:
        if (c != '\r') return fail("chunk data is not followed by CRLF");
        emit('\r');
        state_ = State::data_lf;
        break;
      case State::data_lf:
        if (c != '\n') return fail("chunk data is not followed by CRLF");
        emit('\n');
        state_ = State::size;
        break;
      case State::trailer_start:
        if (c == '\r') {
          state_ = State::end_lf;
          break;
        }
        state_ = State::trailer_line;
        [[fallthrough]];
      case State::trailer_line:
        if (++trailer_bytes_ > limits_.head_bytes) return fail("the trailers are longer than limits.header_size");
        if (c == '\r') {
          state_ = State::trailer_lf;
        } else if (find_control(&c, &c + 1) == &c) {
          return fail("a trailer line holds a control byte or does not end in CRLF");
        } else {
          line_ += c;
        }
        break;
      case State::trailer_lf:
        if (c != '\n') return fail("a trailer line does not end in CRLF");
        if (const char* problem = keep_trailer_line()) return fail(problem);
        state_ = State::trailer_start;
        break;
      case State::end_lf:
        if (c != '\n') return fail("the trailers do not end in CRLF");
        state_ = State::done;
        break;
      case State::data:
      case State::done:
        break;
    }
  }
  step.consumed = static_cast<std::size_t>(in - begin);
  step.is_done = state_ == State::done;
  if (step.is_done && keeps_frames) {
    // The last chunk goes out whole or not at all; as a rule there is room for it where it came in.
    if (trailers_.empty() && static_cast<std::size_t>(in - out) >= kEnd.size()) {
      std::memcpy(out, kEnd.data(), kEnd.size());
      out += kEnd.size();
    } else if (trailers_.empty()) {
      step.tail = kEnd;
    } else {
      tail_.assign("0\r\n").append(trailers_).append("\r\n");
      step.tail = tail_;
    }
  }
  step.forward = {begin, static_cast<std::size_t>(out - begin)};
  return step;
}

}  // namespace weir::http
