#include "read_request.h"

#include <utility>

namespace weir::admin {
namespace {

std::string value_of(const http::RequestHead& head, http::FieldId id) {
  const http::Field* field = head.find(id);
  return field == nullptr ? std::string() : std::string(field->value());
}

/// Of the last field of that name.
std::string last_value_of(const http::RequestHead& head, http::FieldId id) {
  std::string value;
  for (const http::Field& field : head.fields) {
    if (field.id == id) value = field.value();
  }
  return value;
}

}  // namespace

AdminFields::AdminFields()
    : authorization(table.add("Authorization")),
      api_key(table.add("X-API-Key")),
      accept(table.add("Accept")),
      accept_encoding(table.add("Accept-Encoding")),
      if_none_match(table.add("If-None-Match")),
      origin(table.add("Origin")),
      fetch_site(table.add("Sec-Fetch-Site")),
      fetch_mode(table.add("Sec-Fetch-Mode")),
      mark(table.add("X-Weir-Request")),
      cors_method(table.add("Access-Control-Request-Method")) {}

Request read_request(const http::RequestHead& head, const AdminFields& fields, std::string client) {
  return {.method = head.tag,
          .path = std::string(head.path),
          .query = Query(head.query),
          .host = std::string(head.host),
          .authorization = value_of(head, fields.authorization),
          .api_key = value_of(head, fields.api_key),
          .accept = value_of(head, fields.accept),
          .accept_encoding = value_of(head, fields.accept_encoding),
          .if_none_match = value_of(head, fields.if_none_match),
          .cookie = value_of(head, http::FieldId::cookie),
          .origin = value_of(head, fields.origin),
          .fetch_site = value_of(head, fields.fetch_site),
          .fetch_mode = value_of(head, fields.fetch_mode),
          .is_marked = value_of(head, fields.mark) == "1",
          .asks_for_cors = head.tag == Method::options && head.find(fields.cors_method) != nullptr,
          .client = std::move(client),
          .forwarded_for = last_value_of(head, http::FieldId::x_forwarded_for),
          .body = {},
          .caller = {}};
}

}  // namespace weir::admin
