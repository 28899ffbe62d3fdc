#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <weir/http/head_parser.h>

namespace weir::http {

/// Reads a chunked body (RFC 9112 section 7.1) and rewrites it in place in canonical framing: sizes without leading
/// zeros, no extensions, CRLF, and trailers without the fields that could change framing, routing or identity.
/// The rewritten bytes are never more than those read, so nothing is copied, unless an app ends its lines in LF alone.
/// HOT PATH: no allocation but for trailers and for such lines.
class ChunkedReader {
 public:
  enum class Output : std::uint8_t {
    chunks,  ///< canonical chunks
    bare,    ///< the data alone, for who does not know chunks (HTTP/1.0)
  };

  struct Step {
    std::size_t consumed = 0;     ///< bytes of the input that belong to this body
    std::string_view forward;     ///< what to send on: a part of the input, rewritten; good until the next call
    std::string_view tail;        ///< to send after `forward`: what did not fit there (end of the body, trailers)
    std::uint64_t octets = 0;     ///< of the body itself in this step
    bool is_done = false;
    const char* problem = nullptr;  ///< set: the body cannot be read in one way only; nothing else counts
  };

  /// Forgets all; ready for another body. `is_from_app`: a line may end in LF alone (RFC 9112 section 2.2), but not
  /// within a quote, where readers differ; blanks may follow a size; up to 1024 digits may make one, most of them zeros;
  /// a trailer's value may hold control bytes as a field's may (RFC 9110 section 5.5). What goes on is canonical in any
  /// case.
  void start(Output output, const HeadLimits& limits, bool is_from_app = false);

  Step feed(std::span<char> data);

  /// The trailer lines so far that go on, each with its CRLF. Good until the next call.
  std::string_view trailers() const { return trailers_; }

 private:
  enum class State : std::uint8_t {
    size,
    size_digits,
    before_extension,
    extension_name,
    extension,
    quoted,
    quoted_pair,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_line,
    trailer_lf,
    end_lf,
    done,
  };

  const char* end_of_size_line(char c);
  const char* take_extension(char c);
  const char* keep_trailer_line();

  State state_ = State::size;
  Output output_ = Output::chunks;
  bool is_from_app_ = false;
  HeadLimits limits_;
  std::uint64_t remaining_ = 0;
  std::uint32_t digits_ = 0;
  std::uint32_t max_digits_ = 0;
  std::uint32_t extension_bytes_ = 0;
  std::uint32_t trailer_fields_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::string line_;      ///< the trailer line being read
  std::string trailers_;  ///< the lines let through
  std::string tail_;
  bool has_outgrown_input_ = false;  ///< `outgrown_` is what goes on, not the input
  std::string outgrown_;
};

}  // namespace weir::http
