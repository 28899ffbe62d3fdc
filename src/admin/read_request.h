#pragma once

#include <string>

#include <weir/http/field_table.h>
#include <weir/http/head.h>

#include "message.h"

namespace weir::admin {

/// The field names that the admin API reads, with their ids.
struct AdminFields {
  AdminFields();
  http::FieldTable table;
  http::FieldId authorization;
  http::FieldId api_key;
  http::FieldId accept;
  http::FieldId accept_encoding;
  http::FieldId if_none_match;
  http::FieldId origin;
  http::FieldId fetch_site;
  http::FieldId fetch_mode;
  http::FieldId mark;
  http::FieldId cors_method;
};

/// What a head says, copied out of it, as a call by `client`; the body is to come.
Request read_request(const http::RequestHead& head, const AdminFields& fields, std::string client);

}  // namespace weir::admin
