// HOT PATH: no allocation but for trailers and for lines that end in LF alone, no lock, no system call, no log.
#include <weir/http/chunked.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include <weir/base/bytes.h>

#include "characters.h"

namespace weir::http {
namespace {

constexpr std::uint32_t kMaxSizeDigits = 16;
/// With the zeros before it; the number itself has its own limit.
constexpr std::uint32_t kMaxSizeDigitsFromApp = 1024;
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

void ChunkedReader::start(Output output, const HeadLimits& limits, bool is_from_app) {
  state_ = State::size;
  output_ = output;
  is_from_app_ = is_from_app;
  limits_ = limits;
  remaining_ = 0;
  digits_ = 0;
  max_digits_ = is_from_app ? kMaxSizeDigitsFromApp : kMaxSizeDigits;
  extension_bytes_ = 0;
  trailer_fields_ = 0;
  trailer_bytes_ = 0;
  line_.clear();
  trailers_.clear();
  tail_.clear();
  has_outgrown_input_ = false;
  outgrown_.clear();
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

/// A byte of an extension that is neither its CR nor a control byte.
const char* ChunkedReader::take_extension(char c) {
  if (find_control(&c, &c + 1) == &c) {
    if (c == '\r' && (state_ == State::quoted || state_ == State::quoted_pair)) {
      return "a chunk extension has a quote that is not closed";
    }
    return state_ == State::extension_name && c == '\r' ? "a chunk extension has no name"
                                                        : "a chunk extension holds a control byte";
  }
  if (++extension_bytes_ > kMaxExtensionBytes) return "a chunk extension is too long";
  switch (state_) {
    case State::extension_name:
      if (c == ' ' || c == '\t') return nullptr;
      if (!is_in(kTokenChar, c)) return "a chunk extension has no name";
      state_ = State::extension;
      return nullptr;
    case State::quoted:
      if (c == '"') state_ = State::extension;
      if (c == '\\') state_ = State::quoted_pair;
      return nullptr;
    case State::quoted_pair:
      state_ = State::quoted;
      return nullptr;
    default:
      if (c == ';') state_ = State::extension_name;
      if (c == '"') state_ = State::quoted;
      return nullptr;
  }
}

const char* ChunkedReader::end_of_size_line(char c) {
  if (c == '\r') {
    state_ = State::size_lf;
    return nullptr;
  }
  if (c == ' ' || c == '\t') {
    state_ = State::before_extension;
  } else if (c == ';') {
    state_ = State::extension_name;
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
  outgrown_.clear();
  const auto emit = [&](char c) {
    if (!keeps_frames) return;
    if (has_outgrown_input_) {
      outgrown_ += c;
    } else {
      *out++ = c;
    }
  };
  // CRLF for a lone LF does not fit where that came in: from here on this body is written elsewhere.
  const auto emit_line_end = [&] {
    if (keeps_frames && !has_outgrown_input_) {
      has_outgrown_input_ = true;
      outgrown_.assign(begin, out);
    }
    emit('\r');
    emit('\n');
  };
  const auto end_size_line_in_lf = [&] {
    if (remaining_ != 0) emit_line_end();
    state_ = remaining_ != 0 ? State::data : State::trailer_start;
  };
  const auto fail = [&](const char* problem) {
    step.problem = problem;
    return step;
  };
  while (in != end && state_ != State::done) {
    if (state_ == State::data) {
      const std::size_t size = std::min(static_cast<std::uint64_t>(end - in), remaining_);
      if (has_outgrown_input_) {
        outgrown_.append(in, size);
      } else {
        if (out != in) std::memmove(out, in, size);
        out += size;
      }
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
          if (c == '\n' && is_from_app_) {
            end_size_line_in_lf();
            break;
          }
          if (const char* problem = end_of_size_line(c)) return fail(problem);
          if (c == '\r' && remaining_ != 0) emit('\r');
          break;
        }
        if (++digits_ > max_digits_) {
          return fail(is_from_app_ ? "a chunk size has more than 1024 digits" : "a chunk size has more than 16 digits");
        }
        if (remaining_ > (INT64_MAX >> 4)) return fail("a chunk size is too large");
        remaining_ = remaining_ * 16 + hex_value(c);
        if (remaining_ != 0) emit(c);
        break;
      case State::before_extension:
        // Bad white space is allowed before the semicolon and nowhere else (RFC 9112 section 7.1.1). Some apps pad the
        // size with it.
        if (c == ';') {
          state_ = State::extension_name;
        } else if (c == '\r' && is_from_app_) {
          state_ = State::size_lf;
          if (remaining_ != 0) emit('\r');
          break;
        } else if (c == '\n' && is_from_app_) {
          end_size_line_in_lf();
          break;
        } else if (c != ' ' && c != '\t') {
          return fail("white space follows a chunk size");
        }
        if (++extension_bytes_ > kMaxExtensionBytes) return fail("a chunk extension is too long");
        break;
      case State::extension:
        if (c == '\r') {
          state_ = State::size_lf;
          if (remaining_ != 0) emit('\r');
          break;
        }
        if (c == '\n' && is_from_app_) {
          end_size_line_in_lf();
          break;
        }
        [[fallthrough]];
      case State::extension_name:
      case State::quoted:
      case State::quoted_pair:
        if (const char* problem = take_extension(c)) return fail(problem);
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
        if (c == '\n' && is_from_app_) {
          emit_line_end();
          state_ = State::size;
          break;
        }
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
        if (c == '\n' && is_from_app_) {
          state_ = State::done;
          break;
        }
        state_ = State::trailer_line;
        [[fallthrough]];
      case State::trailer_line:
        if (++trailer_bytes_ > limits_.head_bytes) return fail("the trailers are longer than limits.header_size");
        if (c == '\r') {
          state_ = State::trailer_lf;
        } else if (c == '\n' && is_from_app_) {
          if (const char* problem = keep_trailer_line()) return fail(problem);
          state_ = State::trailer_start;
        } else if (find_control(&c, &c + 1) == &c && (!is_from_app_ || c == '\0')) {
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
    if (trailers_.empty() && !has_outgrown_input_ && static_cast<std::size_t>(in - out) >= kEnd.size()) {
      std::memcpy(out, kEnd.data(), kEnd.size());
      out += kEnd.size();
    } else if (trailers_.empty()) {
      step.tail = kEnd;
    } else {
      tail_.assign("0\r\n").append(trailers_).append("\r\n");
      step.tail = tail_;
    }
  }
  step.forward = has_outgrown_input_ ? std::string_view(outgrown_) : std::string_view(begin, out);
  return step;
}

}  // namespace weir::http
