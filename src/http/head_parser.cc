// HOT PATH: no allocation once warm, no lock, no system call, no log.
#include "characters.h"
#include "second_reader.h"

#include <cstring>
#include <optional>

#include <weir/base/bytes.h>
#include <weir/base/units.h>
#include <weir/http/head_parser.h>

namespace weir::http {
namespace {

constexpr std::ptrdiff_t kLongestMethod = 256;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::optional<std::uint64_t> plain_length(std::string_view text) {
  const std::optional<std::uint64_t> value = parse_decimal(text);
  const bool is_plain = value && *value <= INT64_MAX && (text.size() == 1 || text.front() != '0');
  return is_plain ? value : std::nullopt;
}

/// One zero stays where there is nothing else.
std::string_view without_leading_zeros(std::string_view number) {
  while (number.size() > 1 && number[0] == '0' && is_digit(number[1])) number.remove_prefix(1);
  return number;
}

}  // namespace

namespace {

/// RFC 9113 section 3.1: HTTP/2 through Upgrade is obsolete, and a tunnel to it would hide its requests.
bool offers_http2(std::string_view upgrade) {
  bool does = false;
  split(upgrade, ',', [&](std::string_view protocol) {
    const std::string_view name = protocol.substr(0, protocol.find('/'));
    does = does || equals_ignoring_case(name.substr(0, 2), "h2") || equals_ignoring_case(name, "http");
  });
  return does;
}

}  // namespace

const Field* Head::find(FieldId id) const {
  for (const Field& field : fields) {
    if (field.id == id) return &field;
  }
  return nullptr;
}

bool is_token(std::string_view text) {
  const char* end = text.data() + text.size();
  return !text.empty() && skip_class<kTokenChar>(text.data(), end) == end;
}

bool is_field_value(std::string_view text) {
  const char* end = text.data() + text.size();
  return find_control(text.data(), end) == end;
}

std::optional<NamedLimit> limit_in(std::string_view reason, const HeadLimits& limits) {
  const NamedLimit named[] = {{"limits.header_size", format_size(limits.head_bytes)},
                              {"limits.uri_size", format_size(limits.target_bytes)},
                              {"limits.header_count", std::to_string(limits.fields)}};
  for (const NamedLimit& one : named) {
    if (reason.ends_with(one.key)) return one;
  }
  return std::nullopt;
}

HeadParser::HeadParser(const FieldTable& table, HeadLimits limits) : table_(table), limits_(limits) {
  request_.fields.reserve(limits.fields);
  response_.fields.reserve(limits.fields);
}

Parse HeadParser::refuse(Fault fault, const char* reason) {
  fault_ = fault;
  reason_ = reason;
  return Parse::refused;
}

Parse HeadParser::need_more(std::size_t have) {
  if (have >= limits_.head_bytes) return refuse(Fault::header_too_large, "the head is longer than limits.header_size");
  return Parse::incomplete;
}

Parse HeadParser::parse_request(std::string_view data) {
  const char* at = data.data();
  const char* end = at + data.size();
  seen_ = {};
  if (const Parse line = parse_request_line(at, end); line != Parse::complete) return line;
  if (const Parse fields = parse_fields<false>(request_, at, end); fields != Parse::complete) return fields;
  if (!frame_request()) return Parse::refused;
  return Parse::complete;
}

Parse HeadParser::parse_response(std::string_view data, Method request) {
  const char* at = data.data();
  const char* end = at + data.size();
  seen_ = {};
  response_.raw = {at, 0};
  Parse outcome = Parse::complete;
  if (at == end || *at == '\r' || *at == '\n') outcome = skip_empty_lines(at, end);
  if (outcome == Parse::complete) outcome = parse_status_line(at, end);
  if (outcome == Parse::complete) outcome = parse_fields<true>(response_, at, end);
  if (outcome == Parse::complete && !frame_response(request)) outcome = Parse::refused;
  if (outcome == Parse::refused) fault_ = Fault::upstream_invalid;
  return outcome;
}

Parse HeadParser::parse_request_line(const char*& at, const char* end) {
  const char* const start = at;
  const auto have = static_cast<std::size_t>(end - start);
  const char* const method_end = skip_class<kTokenChar>(at, end);
  if (method_end - at > kLongestMethod) return refuse(Fault::bad_request, "the method is longer than 256 bytes");
  if (method_end == end) return need_more(have);
  if (*method_end != ' ' || method_end == at) {
    return refuse(Fault::bad_request, "the request line does not begin with a method and one space");
  }
  request_.method = {at, static_cast<std::size_t>(method_end - at)};
  request_.tag = method_of(request_.method);

  const char* const target = method_end + 1;
  const char* const target_end = find_target_end(target, end);
  const auto target_size = static_cast<std::size_t>(target_end - target);
  if (target_size > limits_.target_bytes) {
    return refuse(Fault::uri_too_long, "the target is longer than limits.uri_size");
  }
  if (target_end == end) return need_more(have);
  if (*target_end != ' ' || target_size == 0) {
    return refuse(Fault::bad_request,
                  "the target has a character that must be percent-encoded, or none of it is there");
  }
  request_.target = {target, target_size};

  const char* const version = target_end + 1;
  constexpr std::string_view kName = "HTTP/1.";
  const auto left = static_cast<std::size_t>(end - version);
  const std::size_t named = std::min(left, kName.size());
  if (std::memcmp(version, kName.data(), named) != 0) {
    const bool is_other_major = left >= 8 && std::memcmp(version, "HTTP/", 5) == 0 && is_digit(version[5]) &&
                                version[6] == '.' && is_digit(version[7]);
    if (left < 8 && std::memcmp(version, kName.data(), std::min<std::size_t>(left, 5)) == 0) return need_more(have);
    return is_other_major ? refuse(Fault::version_not_supported, "only HTTP/1.1 and HTTP/1.0 are spoken here")
                          : refuse(Fault::bad_request, "the request line does not end in HTTP/1.1");
  }
  if (left < kName.size() + 3) {
    if (left > kName.size() && !is_digit(version[7])) {
      return refuse(Fault::bad_request, "the request line does not end in HTTP/1.1");
    }
    if (left > kName.size() + 1 && version[8] != '\r') {
      return refuse(Fault::bad_request, "the request line does not end in CRLF");
    }
    return need_more(have);
  }
  if (!is_digit(version[7]) || version[8] != '\r' || version[9] != '\n') {
    return refuse(Fault::bad_request, "the request line does not end in HTTP/1.1 and CRLF");
  }
  if (version[7] > '1') return refuse(Fault::version_not_supported, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  request_.minor_version = static_cast<std::uint8_t>(version[7] - '0');
  at = version + 10;
  request_.start_line = {start, static_cast<std::size_t>(at - start)};
  request_.raw = {start, 0};
  return Parse::complete;
}

/// Some apps end an interim response, or the response before, with one empty line too many.
Parse HeadParser::skip_empty_lines(const char*& at, const char* end) {
  const auto have = static_cast<std::size_t>(end - at);
  while (at != end && (*at == '\r' || *at == '\n')) {
    const char* const line_feed = *at == '\r' ? at + 1 : at;
    if (line_feed == end) return need_more(have);
    if (*line_feed != '\n') return refuse(Fault::upstream_invalid, "a line ends in CR without LF");
    at = line_feed + 1;
    seen_.is_canonical = false;
  }
  return at == end ? need_more(have) : Parse::complete;
}

Parse HeadParser::parse_status_line(const char*& at, const char* end) {
  const char* const start = at;
  const auto have = static_cast<std::size_t>(end - start);
  constexpr std::string_view kName = "HTTP/1.";
  if (std::memcmp(at, kName.data(), std::min(have, kName.size())) != 0) {
    return refuse(Fault::upstream_invalid, "the answer does not begin with HTTP/1.");
  }
  const auto have_in_all = static_cast<std::size_t>(end - response_.raw.data());
  // HTTP/1.1 200
  constexpr std::size_t kThroughStatus = 12;
  if (have < kThroughStatus + 2) return need_more(have_in_all);
  if ((at[7] != '0' && at[7] != '1') || at[8] != ' ' || at[9] < '1' || at[9] > '9' || !is_digit(at[10]) ||
      !is_digit(at[11])) [[unlikely]] {
    return parse_odd_status_line(at, end);
  }
  response_.minor_version = static_cast<std::uint8_t>(at[7] - '0');
  response_.status = static_cast<std::uint16_t>((at[9] - '0') * 100 + (at[10] - '0') * 10 + (at[11] - '0'));
  const char* const after_status = at + kThroughStatus;
  const char* const line_end = find_control(after_status, end);
  if (line_end == end || (line_end + 1 == end && *line_end == '\r')) return need_more(have_in_all);
  const bool is_lf = *line_end == '\n';
  if ((!is_lf && (line_end[0] != '\r' || line_end[1] != '\n')) || (line_end != after_status && *after_status != ' '))
      [[unlikely]] {
    return parse_odd_status_line(at, end);
  }
  response_.reason = after_status == line_end ? std::string_view() : std::string_view(after_status + 1, line_end);
  // RFC 9112 section 4 wants the space even before an empty reason; servers that leave it out are common and clear.
  if (is_lf || line_end == after_status) seen_.is_canonical = false;
  at = line_end + (is_lf ? 1 : 2);
  response_.start_line = {start, static_cast<std::size_t>(at - start)};
  return Parse::complete;
}

/// A status line that is not as RFC 9112 section 4 wants it: what is wrong with it, or what it means where every reader
/// takes it for the same.
Parse HeadParser::parse_odd_status_line(const char*& at, const char* end) {
  const char* const start = at;
  const auto have_in_all = static_cast<std::size_t>(end - response_.raw.data());
  // RFC 9110 section 2.5: a higher minor version is read as the highest known.
  if (!is_digit(at[7]) || !is_blank(at[8])) {
    return refuse(Fault::upstream_invalid, "the response does not begin with HTTP/1., one digit and a space");
  }
  const char* status = at + 9;
  while (status != end && is_blank(*status)) ++status;
  for (int i = 0; i < 3; ++i) {
    if (status + i == end) return need_more(have_in_all);
    if (!is_digit(status[i]) || (i == 0 && status[i] == '0')) {
      return refuse(Fault::upstream_invalid, "the status is not a number from 100 to 999");
    }
  }
  const char* reason = status + 3;
  if (reason != end && !is_blank(*reason) && *reason != '\r' && *reason != '\n') {
    return refuse(Fault::upstream_invalid, "no space follows the status");
  }
  const char* line_end = find_control(reason, end);
  while (line_end != end && *line_end != '\r' && *line_end != '\n' && *line_end != '\0') {
    line_end = find_control(line_end + 1, end);
  }
  if (line_end == end || (line_end + 1 == end && *line_end == '\r')) return need_more(have_in_all);
  const bool is_lf = *line_end == '\n';
  if (!is_lf && (line_end[0] != '\r' || line_end[1] != '\n')) {
    return refuse(Fault::upstream_invalid, "the status line has a NUL or does not end in CRLF");
  }
  if (reason != line_end) ++reason;
  response_.minor_version = at[7] == '0' ? 0 : 1;
  response_.status = static_cast<std::uint16_t>((status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0'));
  response_.reason = {reason, line_end};
  seen_.is_canonical = false;
  at = line_end + (is_lf ? 1 : 2);
  response_.start_line = {start, static_cast<std::size_t>(at - start)};
  return Parse::complete;
}

template <bool is_from_app>
Parse HeadParser::parse_fields(Head& head, const char* at, const char* end) {
  const char* const start = head.raw.data();
  head.fields.clear();
  while (true) {
    const auto have = static_cast<std::size_t>(end - start);
    if (at == end) return need_more(have);
    if (*at == '\r' || (is_from_app && *at == '\n')) {
      if (*at == '\n') {
        seen_.is_canonical = false;
      } else {
        if (at + 1 == end) return need_more(have);
        if (at[1] != '\n') return refuse(Fault::bad_request, "a line ends in CR without LF");
        ++at;
      }
      head.raw = {start, static_cast<std::size_t>(at + 1 - start)};
      if (head.raw.size() > limits_.head_bytes) {
        return refuse(Fault::header_too_large, "the head is longer than limits.header_size");
      }
      return Parse::complete;
    }
    if (*at == '\n') return refuse(Fault::bad_request, "a line ends in LF without CR");
    if (*at == ' ' || *at == '\t') {
      return refuse(Fault::bad_request, "a field line begins with white space (folded lines are not accepted)");
    }

    const char* const name_end = skip_class<kTokenChar>(at, end);
    if (name_end == end) return need_more(have);
    if (*name_end != ':' || name_end == at) {
      return refuse(Fault::bad_request, "a field name is not a token directly followed by a colon");
    }
    const char* value = name_end + 1;
    const char* line_end = find_control(value, end);
    const char* next = line_end + 2;
    if (end - line_end < 2 || line_end[0] != '\r' || line_end[1] != '\n') [[unlikely]] {
      while (is_from_app && line_end != end && *line_end != '\r' && *line_end != '\n' && *line_end != '\0') {
        line_end = find_control(line_end + 1, end);
      }
      if (line_end == end || (line_end + 1 == end && *line_end == '\r')) return need_more(have);
      const bool is_crlf = line_end[0] == '\r' && line_end[1] == '\n';
      if (!is_from_app || (!is_crlf && *line_end != '\n')) {
        return refuse(Fault::bad_request,
                      *line_end == '\n' ? "a line ends in LF without CR" : "a field value holds a control byte");
      }
      next = line_end + (is_crlf ? 2 : 1);
      seen_.is_canonical = false;
    }
    if (head.fields.size() >= limits_.fields) {
      return refuse(Fault::header_too_large, "there are more fields than limits.header_count");
    }

    const char* value_end = line_end;
    while (value != value_end && (*value == ' ' || *value == '\t')) ++value;
    while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;
    Field& field = head.fields.emplace_back();
    field.line = at;
    field.line_size = static_cast<std::uint32_t>(next - at);
    field.name_size = static_cast<std::uint32_t>(name_end - at);
    field.value_at = static_cast<std::uint32_t>(value - at);
    field.value_size = static_cast<std::uint32_t>(value_end - value);
    field.id = table_.id_of(field.name());
    switch (field.id) {
      case FieldId::host: ++seen_.hosts; break;
      case FieldId::content_length: ++seen_.content_lengths; break;
      case FieldId::transfer_encoding: ++seen_.transfer_encodings; break;
      case FieldId::connection: ++seen_.connections; break;
      case FieldId::upgrade: ++seen_.upgrades; break;
      case FieldId::keep_alive:
      case FieldId::te:
      case FieldId::proxy_connection: field.is_hop_by_hop = true; break;
      case FieldId::http2_settings:
      case FieldId::expect: seen_.is_plain = false; break;
      default: break;
    }
    at = next;
  }
}

template <bool is_from_app>
bool HeadParser::read_connection(Head& head, bool& names_upgrade) {
  head.persists = head.minor_version >= 1;
  names_upgrade = false;
  if (seen_.connections == 0) return true;
  bool says_close = false;
  bool says_keep_alive = false;
  bool is_valid = true;
  for (Field& connection : head.fields) {
    if (connection.id != FieldId::connection) continue;
    connection.is_hop_by_hop = true;
    split(connection.value(), ',', [&](std::string_view option) {
      if (option.empty()) return;
      if (!is_token(option)) {
        is_valid = false;
      } else if (equals_ignoring_case(option, "close")) {
        says_close = true;
      } else if (equals_ignoring_case(option, "keep-alive")) {
        says_keep_alive = true;
      } else if (equals_ignoring_case(option, "upgrade")) {
        names_upgrade = true;
      } else {
        for (Field& field : head.fields) {
          if (is_end_to_end(field.id)) continue;
          if (equals_ignoring_case(field.name(), option)) field.is_hop_by_hop = true;
        }
      }
    });
    if (!is_from_app && !is_valid) {
      refuse(Fault::bad_request, "Connection does not hold a list of tokens");
      return false;
    }
  }
  // The framing does not depend on what an app wrote there, but what it meant to do next is not known.
  head.persists = is_valid && !says_close && (head.minor_version >= 1 || says_keep_alive);
  return true;
}

/// Takes from an app's Content-Length what would be refused and yet has one meaning.
void HeadParser::keep_one_length(Field& field) {
  const std::size_t size = field.value_size;
  // Octal, decimal or refused: three readings, so one of them is written and the zeros do not go on.
  const std::string_view all = without_leading_zeros(field.value());
  std::string_view kept = all;
  // RFC 9110 section 8.6: the same number several times in a list is that number.
  if (const std::size_t comma = all.find(','); comma != std::string_view::npos) [[unlikely]] {
    const std::string_view first = trim(all.substr(0, comma));
    bool is_same = true;
    split(all.substr(comma + 1), ',',
          [&](std::string_view next) { is_same = is_same && without_leading_zeros(next) == first; });
    if (is_same) kept = first;
  }
  if (kept.size() == size) return;
  field.value_at += static_cast<std::uint32_t>(kept.data() - field.value().data());
  field.value_size = static_cast<std::uint32_t>(kept.size());
  seen_.is_canonical = false;
}

template <bool is_from_app>
bool HeadParser::read_framing(Head& head) {
  std::optional<std::uint64_t> length;
  for (Field& field : head.fields) {
    if (field.id == FieldId::content_length) {
      std::optional<std::uint64_t> value = plain_length(field.value());
      if (is_from_app && !value) [[unlikely]] {
        keep_one_length(field);
        value = plain_length(field.value());
      }
      if (!value) {
        refuse(Fault::bad_request, "Content-Length is not one plain decimal number");
        return false;
      }
      if (length && *length != *value) {
        refuse(Fault::bad_request, "there are several Content-Length fields that differ");
        return false;
      }
      // The same again says nothing new; one copy goes on, so that nobody behind can read it as a list.
      if (length) field.is_hop_by_hop = true;
      length = value;
    } else if (field.id == FieldId::transfer_encoding) {
      field.is_hop_by_hop = false;
      if (!equals_ignoring_case(field.value(), "chunked")) {
        const bool is_known_form = is_token(field.value()) || field.value().find(',') != std::string_view::npos;
        refuse(is_known_form ? Fault::not_implemented : Fault::bad_request,
               "Transfer-Encoding is anything but exactly chunked");
        return false;
      }
    }
  }
  if (seen_.transfer_encodings > 1) {
    refuse(Fault::bad_request, "there is more than one Transfer-Encoding field");
    return false;
  }
  if (seen_.transfer_encodings == 1) {
    if (length) {
      refuse(Fault::bad_request, "Content-Length and Transfer-Encoding contradict each other");
      return false;
    }
    if (head.minor_version == 0) {
      refuse(Fault::bad_request, "HTTP/1.0 has no Transfer-Encoding");
      return false;
    }
    head.framing = {.kind = Framing::Kind::chunked, .length = 0};
  } else if (length) {
    head.framing = {.kind = *length == 0 ? Framing::Kind::none : Framing::Kind::length, .length = *length};
  } else {
    head.framing = {};
  }
  return true;
}

bool HeadParser::frame_request() {
  if (!read_target(request_.target) || !read_host()) return false;
  bool names_upgrade = false;
  if (!read_connection<false>(request_, names_upgrade) || !read_framing<false>(request_)) return false;
  request_.wants_upgrade = false;
  request_.expects_continue = false;
  if (seen_.upgrades == 0 && seen_.is_plain && seen_.transfer_encodings == 0) return true;
  const Field* const upgrade = request_.find(FieldId::upgrade);
  const bool is_http2 = upgrade != nullptr && offers_http2(upgrade->value());
  request_.wants_upgrade = names_upgrade && seen_.upgrades == 1 && !is_http2 && request_.minor_version >= 1;
  for (Field& field : request_.fields) {
    if (field.id == FieldId::upgrade) field.is_hop_by_hop = !request_.wants_upgrade;
    if (field.id == FieldId::http2_settings && is_http2) field.is_hop_by_hop = true;
    if (field.id == FieldId::expect && equals_ignoring_case(field.value(), "100-continue")) {
      request_.expects_continue = request_.minor_version >= 1;
    }
  }
  if (request_.wants_upgrade || request_.framing.kind == Framing::Kind::chunked) {
    if (!agrees_with_second_reader(request_)) {
      refuse(Fault::bad_request, "two parsers read the framing differently");
      return false;
    }
  }
  return true;
}

bool HeadParser::frame_response(Method request) {
  bool names_upgrade = false;
  if (!read_connection<true>(response_, names_upgrade)) return false;
  const std::uint16_t status = response_.status;
  const bool is_interim = status < 200;
  const bool never_has_body = is_interim || status == 204;
  // RFC 9112 section 6.3: these end with their head, whatever their fields say.
  const bool has_no_body = never_has_body || status == 304 || request == Method::head;
  if (!read_framing<true>(response_)) return false;
  response_.framing.is_from_app = true;
  response_.is_canonical = seen_.is_canonical;
  if (has_no_body) {
    if (never_has_body) {
      // RFC 9110 section 8.6 and RFC 9112 section 6.1 forbid both here; a client that believed them would wait.
      for (Field& field : response_.fields) {
        if (field.id == FieldId::transfer_encoding || (field.id == FieldId::content_length && field.value() != "0")) {
          field.is_hop_by_hop = true;
          // Whether the app believes them itself nobody knows: a body of it may follow.
          response_.persists = false;
        }
      }
    }
    response_.framing = {};
  } else if (seen_.content_lengths == 0 && seen_.transfer_encodings == 0) {
    response_.framing = {.kind = Framing::Kind::until_close, .length = 0};
    response_.persists = false;
  }
  response_.upgrades = status == 101 && names_upgrade && seen_.upgrades >= 1;
  for (Field& field : response_.fields) {
    // An Upgrade of 426 and the like tells the client what the server would speak: end to end in all but name.
    if (field.id == FieldId::upgrade && status != 101 && status != 426) field.is_hop_by_hop = true;
  }
  if (response_.framing.kind == Framing::Kind::chunked && !agrees_with_second_reader(response_)) {
    refuse(Fault::upstream_invalid, "two parsers read the framing differently");
    return false;
  }
  return true;
}

}  // namespace weir::http
