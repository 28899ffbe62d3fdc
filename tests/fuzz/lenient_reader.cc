#include "lenient_reader.h"

#include <algorithm>
#include <optional>

#include <weir/base/bytes.h>

namespace weir::fuzz {
namespace {

/// Takes one line off `rest`; nothing if there is no whole one.
std::optional<std::string_view> take_line(std::string_view& rest, const Leniency& leniency) {
  const std::size_t end = leniency.bare_line_ends ? rest.find_first_of("\r\n") : rest.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  const bool is_pair = rest.substr(end, 2) == "\r\n";
  if (rest[end] == '\r' && end + 1 == rest.size()) return std::nullopt;
  rest.remove_prefix(end + (is_pair ? 2 : 1));
  return line;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii_lower(c);
  return out;
}

std::string_view strip(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::uint64_t digits_of(std::string_view text, unsigned base, const Leniency& leniency, bool& is_number) {
  if (leniency.loose_sizes && !text.empty() && (text.front() == '+' || text.front() == ' ')) text.remove_prefix(1);
  std::uint64_t value = 0;
  is_number = false;
  for (const char c : text) {
    const char l = ascii_lower(c);
    unsigned digit = 99;
    if (is_digit(c)) digit = static_cast<unsigned>(c - '0');
    if (l >= 'a' && l <= 'f') digit = static_cast<unsigned>(l - 'a') + 10;
    if (digit >= base) {
      if (!leniency.loose_sizes && c != ';') is_number = false;
      break;
    }
    is_number = true;
    value = value * base + digit;
  }
  return value;
}

bool read_chunks(std::string_view& rest, const Leniency& leniency, Message& message) {
  while (true) {
    const auto line = take_line(rest, leniency);
    if (!line) return false;
    bool is_number = false;
    const std::uint64_t size = digits_of(*line, 16, leniency, is_number);
    if (!is_number) return false;
    if (size == 0) break;
    if (rest.size() < size) return false;
    message.body += rest.substr(0, size);
    rest.remove_prefix(size);
    const auto end = take_line(rest, leniency);
    if (!end || !end->empty()) return false;
  }
  while (true) {
    const auto line = take_line(rest, leniency);
    if (!line) return false;
    if (line->empty()) return true;
  }
}

}  // namespace

Message read_message(std::string_view bytes, const Leniency& leniency, bool has_no_body, bool ends_with_connection) {
  Message message;
  std::string_view rest = bytes;
  const auto start_line = take_line(rest, leniency);
  if (!start_line) return message;
  message.start_line = *start_line;
  std::optional<std::uint64_t> length;
  bool is_chunked = false;
  while (true) {
    const auto line = take_line(rest, leniency);
    if (!line) return message;
    if (line->empty()) break;
    if (leniency.spaces_in_names && (line->front() == ' ' || line->front() == '\t') && !message.fields.empty()) {
      message.fields.back() += strip(*line);
      continue;
    }
    const std::size_t colon = line->find(':');
    const std::string_view name = line->substr(0, colon);
    const std::string_view value =
        colon == std::string_view::npos ? std::string_view() : strip(line->substr(colon + 1));
    const std::string key = lower(leniency.spaces_in_names ? strip(name) : name);
    message.fields.push_back(key + ": " + std::string(value));
    if (key == "content-length") {
      bool is_number = false;
      const std::uint64_t read = digits_of(value, 10, leniency, is_number);
      if (is_number && (!length || leniency.last_length_wins)) length = read;
    }
    if (key == "transfer-encoding") {
      const std::string coding = lower(value);
      is_chunked = leniency.loose_coding ? coding.find("chunked") != std::string::npos : coding == "chunked";
    }
  }
  if (length && leniency.length_over_chunked) is_chunked = false;
  if (has_no_body) {
    message.is_whole = true;
  } else if (is_chunked) {
    message.is_whole = read_chunks(rest, leniency, message);
  } else if (length) {
    const std::size_t have = std::min<std::uint64_t>(*length, rest.size());
    message.body = rest.substr(0, have);
    rest.remove_prefix(have);
    message.is_whole = have == *length;
  } else if (ends_with_connection) {
    message.body = rest;
    rest = {};
    message.is_whole = true;
  } else {
    message.is_whole = true;
  }
  message.size = bytes.size() - rest.size();
  return message;
}

}  // namespace weir::fuzz
