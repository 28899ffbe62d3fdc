// HOT PATH: no allocation, no lock, no system call, no log.
#include <weir/http/head_parser.h>

#include <weir/base/bytes.h>

#include "characters.h"

namespace weir::http {
namespace {

/// What follows the `v` of an IPvFuture (RFC 3986 section 3.2.2): hexadecimal digits, a dot, one character at least.
bool is_ip_future(std::string_view text) {
  const char* const end = text.data() + text.size();
  const char* at = skip_class<kHexDigit>(text.data(), end);
  if (at == text.data() || at == end || *at != '.' || ++at == end) return false;
  while (at != end && ((is_in(kHostChar, *at) && *at != '%') || *at == ':')) ++at;
  return at == end;
}

bool is_bracketed_ip(std::string_view text) {
  if (text.size() < 4 || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  if (text.front() == 'v' || text.front() == 'V') return is_ip_future(text.substr(1));
  bool has_colon = false;
  for (const char c : text) {
    if (!is_in(kHexDigit, c) && c != ':' && c != '.') return false;
    has_colon = has_colon || c == ':';
  }
  return has_colon;
}

bool is_percent_encoding_whole(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (at + 2 >= text.size() || !is_in(kHexDigit, text[at + 1]) || !is_in(kHexDigit, text[at + 2])) return false;
  }
  return true;
}

bool is_port(std::string_view text) {
  if (text.empty()) return true;
  const auto value = parse_decimal(text);
  return value && *value <= 65535;
}

}  // namespace

bool is_authority(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (!is_port(port)) return false;
  if (!host.empty() && host.front() == '[') return is_bracketed_ip(host);
  const char* end = host.data() + host.size();
  return skip_class<kHostChar>(host.data(), end) == end && is_percent_encoding_whole(host);
}

/// RFC 9112 section 3.2: origin, absolute and asterisk form. The authority form belongs to CONNECT.
bool HeadParser::read_target(std::string_view target) {
  const auto take_path = [this](std::string_view path_and_query) {
    const std::size_t mark = path_and_query.find('?');
    request_.path = path_and_query.substr(0, mark);
    request_.query = mark == std::string_view::npos ? std::string_view() : path_and_query.substr(mark);
  };
  request_.host = {};
  request_.has_host = false;
  if (request_.tag == Method::connect) {
    refuse(Fault::not_implemented, "CONNECT is not offered here");
    return false;
  }
  if (target.front() == '/') {
    request_.form = RequestHead::Form::origin;
    take_path(target);
    return true;
  }
  if (target == "*") {
    if (request_.tag != Method::options) {
      refuse(Fault::bad_request, "the target * belongs to OPTIONS alone");
      return false;
    }
    request_.form = RequestHead::Form::asterisk;
    request_.path = target;
    request_.query = {};
    return true;
  }
  const std::size_t scheme_end = target.find("://");
  const std::string_view scheme = target.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos ||
      (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))) {
    refuse(Fault::bad_request, "the target is neither a path nor an absolute http URI");
    return false;
  }
  std::string_view rest = target.substr(scheme_end + 3);
  const std::size_t path_at = rest.find_first_of("/?");
  request_.host = rest.substr(0, path_at);
  request_.has_host = true;
  if (request_.host.empty() || request_.host.front() == ':' || !is_authority(request_.host)) {
    refuse(Fault::bad_request, "the host of the target is not valid");
    return false;
  }
  request_.form = RequestHead::Form::absolute;
  rest.remove_prefix(request_.host.size());
  take_path(rest);
  // RFC 9112 section 3.2.4: an OPTIONS for the whole server comes as a URI with an empty path.
  if (rest.empty() && request_.tag == Method::options) {
    request_.path = "*";
  } else if (request_.path.empty()) {
    request_.path = "/";
  }
  return true;
}

/// RFC 9112 section 3.2: exactly one valid Host in HTTP/1.1; the target's own authority wins over it.
bool HeadParser::read_host() {
  if (seen_.hosts == 0) {
    if (request_.minor_version == 0) return true;
    refuse(Fault::bad_request, "an HTTP/1.1 request needs a Host field");
    return false;
  }
  if (seen_.hosts > 1) {
    refuse(Fault::bad_request, "there is more than one Host field");
    return false;
  }
  const std::string_view host = request_.find(FieldId::host)->value();
  if (!is_authority(host)) {
    refuse(Fault::bad_request, "the Host field is not a host with an optional port");
    return false;
  }
  if (request_.form != RequestHead::Form::absolute) {
    request_.host = host;
    request_.has_host = true;
  }
  return true;
}

}  // namespace weir::http
