#include "log_source.h"

#include <algorithm>
#include <zlib.h>

#include <weir/base/check.h>

namespace weir::app {

namespace {

constexpr std::size_t kBlock = 64 * 1024;

}  // namespace

struct LogSource::Inflater {
  Inflater() {
    // 16 more than the largest window: gzip alone.
    WEIR_CHECK(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK, "zlib cannot begin");
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
  bool is_between = false;  ///< a member has ended, and none begun since
};

LogSource::LogSource(std::streambuf& source) : source_(source), in_(kBlock) {}
LogSource::~LogSource() = default;

/// What is there by now, at least one byte; false at the end.
bool LogSource::fill() {
  in_size_ = 0;
  if (source_.sgetc() == traits_type::eof()) return false;
  const std::streamsize there = std::max<std::streamsize>(source_.in_avail(), 1);
  in_size_ =
      static_cast<std::size_t>(source_.sgetn(in_.data(), std::min(there, static_cast<std::streamsize>(in_.size()))));
  return in_size_ != 0;
}

LogSource::int_type LogSource::underflow() {
  if (!problem_.empty()) return traits_type::eof();
  if (!has_begun_) {
    has_begun_ = true;
    if (!fill()) return traits_type::eof();
    if (in_size_ == 1 && in_[0] == '\x1F' && source_.sgetc() != traits_type::eof()) {
      in_[in_size_++] = traits_type::to_char_type(source_.sbumpc());
    }
    if (in_size_ >= 2 && in_[0] == '\x1F' && in_[1] == '\x8B') {
      inflater_ = std::make_unique<Inflater>();
      out_.resize(kBlock);
      inflater_->stream.next_in = reinterpret_cast<Bytef*>(in_.data());
      inflater_->stream.avail_in = static_cast<uInt>(in_size_);
    }
  } else if (inflater_ == nullptr && !fill()) {
    return traits_type::eof();
  }
  char* const begin = inflater_ == nullptr ? in_.data() : out_.data();
  const std::size_t size = inflater_ == nullptr ? in_size_ : inflate();
  setg(begin, begin, begin + size);
  return size == 0 ? traits_type::eof() : traits_type::to_int_type(*begin);
}

/// Decompresses into `out_` until something is there; 0 at the end.
std::size_t LogSource::inflate() {
  z_stream& stream = inflater_->stream;
  stream.next_out = reinterpret_cast<Bytef*>(out_.data());
  stream.avail_out = static_cast<uInt>(out_.size());
  while (stream.avail_out == out_.size()) {
    if (stream.avail_in == 0) {
      if (!fill()) {
        if (!inflater_->is_between) problem_ = "the gzip data ends in the middle";
        return 0;
      }
      stream.next_in = reinterpret_cast<Bytef*>(in_.data());
      stream.avail_in = static_cast<uInt>(in_size_);
    }
    if (inflater_->is_between) {
      // Another member, or padding, which ends the file.
      if (*stream.next_in != 0x1F) return 0;
      inflateReset(&stream);
      inflater_->is_between = false;
    }
    const int outcome = ::inflate(&stream, Z_NO_FLUSH);
    if (outcome == Z_STREAM_END) {
      inflater_->is_between = true;
    } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
      problem_ = "the gzip data is damaged";
      break;
    }
  }
  return out_.size() - stream.avail_out;
}

}  // namespace weir::app
