#include <weir/http/member_reader.h>

#include "characters.h"

namespace weir::http {

void MemberReader::skip_space() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
}

void MemberReader::skip_to(std::string_view stops) {
  bool is_quoted = false;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (is_quoted && c == '\\') {
      ++at_;
    } else if (c == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && stops.find(c) != std::string_view::npos) {
      return;
    }
  }
  at_ = text_.size();
}

/// RFC 9110 sections 5.6.2 and 5.6.4. A string that nobody closes is none; what stands there is passed over.
std::string_view MemberReader::token_or_quoted() {
  skip_space();
  const std::size_t start = at_;
  if (at_ < text_.size() && text_[at_] == '"') {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return text_.substr(start + 1, at_ - start - 2);
      }
    }
    at_ = text_.size();
    return {};
  }
  // A token, and what Structured Fields (RFC 8941 section 3.3) have in tokens and booleans beyond that.
  while (at_ < text_.size() &&
         (is_in(kTokenChar, text_[at_]) || std::string_view(":/?").find(text_[at_]) != std::string_view::npos)) {
    ++at_;
  }
  return text_.substr(start, at_ - start);
}

bool MemberReader::next_member() {
  if (name_.data() != nullptr) skip_to(",");
  while (at_ < text_.size()) {
    if (text_[at_] == ',') ++at_;
    name_ = token_or_quoted();
    skip_to(";,");
    if (!name_.empty()) return true;
    skip_to(",");
  }
  return false;
}

bool MemberReader::next_parameter() {
  while (at_ < text_.size() && text_[at_] == ';') {
    ++at_;
    parameter_ = token_or_quoted();
    value_ = {};
    skip_space();
    if (!parameter_.empty() && at_ < text_.size() && text_[at_] == '=') {
      ++at_;
      value_ = token_or_quoted();
    }
    skip_to(";,");
    if (!parameter_.empty()) return true;
  }
  return false;
}

}  // namespace weir::http
