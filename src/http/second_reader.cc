// HOT PATH: no allocation, no lock, no system call, no log.
#include "second_reader.h"

#include <llhttp.h>

namespace weir::http {
namespace {

struct Reading {
  bool is_complete = false;
  bool is_chunked = false;
  bool is_upgrade = false;
};

int on_headers_complete(llhttp_t* parser) {
  auto* reading = static_cast<Reading*>(parser->data);
  reading->is_complete = true;
  reading->is_chunked = (parser->flags & F_CHUNKED) != 0;
  reading->is_upgrade = parser->upgrade != 0;
  return HPE_PAUSED;
}

const llhttp_settings_t& settings() {
  static const llhttp_settings_t instance = [] {
    llhttp_settings_t made;
    llhttp_settings_init(&made);
    made.on_headers_complete = on_headers_complete;
    return made;
  }();
  return instance;
}

Reading read(llhttp_type_t type, std::string_view first, std::string_view rest) {
  Reading reading;
  llhttp_t parser;
  llhttp_init(&parser, type, &settings());
  parser.data = &reading;
  if (!first.empty()) llhttp_execute(&parser, first.data(), first.size());
  if (llhttp_get_errno(&parser) == HPE_OK) llhttp_execute(&parser, rest.data(), rest.size());
  return reading;
}

}  // namespace

bool agrees_with_second_reader(const RequestHead& head) {
  // llhttp knows a closed list of methods and ties the form of the target to some of them; any token is a method
  // (RFC 9110 section 9.1), so it is shown one that has no rules of its own.
  const std::string_view after_method = head.raw.substr(head.method.size());
  const Reading reading = read(HTTP_REQUEST, "POST", after_method);
  return reading.is_complete && reading.is_chunked == (head.framing.kind == Framing::Kind::chunked) &&
         (!head.wants_upgrade || reading.is_upgrade);
}

bool agrees_with_second_reader(const ResponseHead& head) {
  const Reading reading = read(HTTP_RESPONSE, {}, head.raw);
  return reading.is_complete && reading.is_chunked == (head.framing.kind == Framing::Kind::chunked);
}

}  // namespace weir::http
