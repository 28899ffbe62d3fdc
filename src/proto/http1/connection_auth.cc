// HOT PATH: no allocation, no lock, no system call, no log.
#include "connection_auth.h"

#include <weir/base/bytes.h>

namespace weir::proto::http1 {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

}  // namespace

bool authenticates_connection(std::string_view credentials) {
  // `Nego` and not the whole name: Negotiate has relatives (Nego2), and one scheme too many costs a connection alone.
  return starts_with_ignoring_case(credentials, "NTLM") || starts_with_ignoring_case(credentials, "Nego");
}

bool offers_connection_auth(const http::ResponseHead& head) {
  for (const http::Field& field : head.fields) {
    if (field.id != http::FieldId::www_authenticate && field.id != http::FieldId::proxy_authenticate) continue;
    // A challenge may stand anywhere in a list. Text in quotes that looks like one does no harm.
    bool is_offered = false;
    split(field.value(), ',', [&](std::string_view challenge) { is_offered |= authenticates_connection(trim(challenge)); });
    if (is_offered) return true;
  }
  return false;
}

}  // namespace weir::proto::http1
