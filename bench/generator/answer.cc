#include "answer.h"

#include <algorithm>
#include <charconv>
#include <cctype>

namespace generator {
namespace {

constexpr std::size_t kMaxHead = 1024 * 1024;

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && std::equal(lower.begin(), lower.end(), text.begin(), [](char l, char c) {
           return l == static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
         });
}

std::string_view value_of(std::string_view line) {
  std::string_view value = line.substr(line.find(':') + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  return value;
}

}  // namespace

void Answer::feed(std::string_view data) {
  if (!data.empty()) has_begun_ = true;
  while (!data.empty() && !is_done() && !is_broken()) {
    switch (state_) {
      case State::head: {
        const std::size_t searched = text_.size() < 3 ? 0 : text_.size() - 3;
        const std::size_t held = text_.size();
        text_.append(data);
        const std::size_t end = text_.find("\r\n\r\n", searched);
        if (end == std::string::npos) {
          if (text_.size() > kMaxHead) state_ = State::broken;
          return;
        }
        data.remove_prefix(end + 4 - held);
        text_.resize(end + 2);
        read_head();
        break;
      }
      case State::body: {
        const std::uint64_t taken = std::min<std::uint64_t>(left_, data.size());
        left_ -= taken;
        body_bytes_ += taken;
        data.remove_prefix(taken);
        if (left_ == 0) state_ = State::done;
        break;
      }
      case State::until_close:
        body_bytes_ += data.size();
        return;
      default:
        data = take_chunked(data);
    }
  }
}

/// `text_` holds the status line and the fields, each with its CRLF.
void Answer::read_head() {
  std::string_view head(text_);
  if (head.size() < 12 || std::from_chars(head.data() + 9, head.data() + 12, status_).ec != std::errc()) {
    state_ = State::broken;
    return;
  }
  closes_ = head.starts_with("HTTP/1.0");
  bool is_chunked = false;
  bool has_length = false;
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    at = end + 2;
    if (starts_with_ignoring_case(line, "content-length:")) {
      const std::string_view value = value_of(line);
      has_length = std::from_chars(value.data(), value.data() + value.size(), left_).ec == std::errc();
    } else if (starts_with_ignoring_case(line, "transfer-encoding:")) {
      is_chunked = starts_with_ignoring_case(value_of(line), "chunked");
    } else if (starts_with_ignoring_case(line, "connection:")) {
      closes_ = closes_ || starts_with_ignoring_case(value_of(line), "close");
    }
  }
  text_.clear();
  if (status_ >= 100 && status_ < 200) {
    state_ = State::head;
  } else if (status_ == 204 || status_ == 304 || (has_length && !is_chunked && left_ == 0)) {
    state_ = State::done;
  } else if (is_chunked) {
    state_ = State::chunk_size;
  } else if (has_length) {
    state_ = State::body;
  } else {
    closes_ = true;
    state_ = State::until_close;
  }
}

bool Answer::take_line(std::string_view& data) {
  const std::size_t end = data.find('\n');
  text_.append(data.substr(0, end));
  if (end == std::string_view::npos) {
    data = {};
    return false;
  }
  data.remove_prefix(end + 1);
  if (!text_.empty() && text_.back() == '\r') text_.pop_back();
  return true;
}

std::string_view Answer::take_chunked(std::string_view data) {
  if (state_ == State::chunk_data) {
    const std::uint64_t taken = std::min<std::uint64_t>(left_, data.size());
    left_ -= taken;
    body_bytes_ += taken;
    if (left_ == 0) state_ = State::chunk_end;
    return data.substr(taken);
  }
  if (!take_line(data)) return data;
  const std::string line = std::move(text_);
  text_.clear();
  if (state_ == State::chunk_end) {
    state_ = State::chunk_size;
  } else if (state_ == State::trailer) {
    if (line.empty()) state_ = State::done;
  } else if (std::from_chars(line.data(), line.data() + line.size(), left_, 16).ec != std::errc()) {
    state_ = State::broken;
  } else {
    state_ = left_ == 0 ? State::trailer : State::chunk_data;
  }
  return data;
}

void Answer::end_with_connection() { state_ = state_ == State::until_close ? State::done : State::broken; }

}  // namespace generator
