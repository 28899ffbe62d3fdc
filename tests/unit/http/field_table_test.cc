#include <weir/http/field_table.h>

#include <string>

#include <doctest/doctest.h>

using namespace weir::http;

TEST_CASE("FieldTable: built-in names are known in any case, others are not") {
  const FieldTable table;
  CHECK(table.id_of("Connection") == FieldId::connection);
  CHECK(table.id_of("CONTENT-LENGTH") == FieldId::content_length);
  CHECK(table.id_of("transfer-encoding") == FieldId::transfer_encoding);
  CHECK(table.id_of("x-FORWARDED-for") == FieldId::x_forwarded_for);
  CHECK(table.id_of("HTTP2-Settings") == FieldId::http2_settings);
  for (const char* name : {"", "h", "Hosts", "Content_Length", "Content-Lengthy", "ho\xF3st", "X-Request-Id"}) {
    CHECK_MESSAGE(table.id_of(name) == FieldId::other, name);
  }
}

TEST_CASE("FieldTable: a configured name gets an id of its own, once") {
  FieldTable table;
  const FieldId id = table.add("X-Request-Id");
  CHECK(id == FieldId::custom);
  CHECK(table.add("x-request-ID") == id);
  CHECK(table.add("X-Tenant") != id);
  CHECK(table.id_of("X-REQUEST-ID") == id);
  CHECK(table.add("Cookie") == FieldId::cookie);
}

TEST_CASE("FieldTable: no name and one that is too long are never told apart from others") {
  FieldTable table;
  const std::string longest(FieldTable::kMaxName, 'a');
  CHECK(table.add("") == FieldId::other);
  CHECK(table.id_of("") == FieldId::other);
  CHECK(table.add(longest + "a") == FieldId::other);
  CHECK(table.add(longest) == FieldId::custom);
  CHECK(table.id_of(longest) == FieldId::custom);
  CHECK(table.id_of(longest + "a") == FieldId::other);
}

TEST_CASE("FieldTable: there is room for 200 configured names") {
  FieldTable table;
  for (int i = 0; i < 200; ++i) {
    const std::string name = "x-" + std::to_string(i);
    const FieldId id = table.add(name);
    CHECK(table.id_of(name) == id);
    CHECK(is_end_to_end(id));
  }
}

TEST_CASE("FieldTable: only what holds a message together or is weir's own is safe from Connection") {
  CHECK(is_end_to_end(FieldId::host));
  CHECK(is_end_to_end(FieldId::content_length));
  CHECK(is_end_to_end(FieldId::transfer_encoding));
  CHECK(is_end_to_end(FieldId::x_forwarded_for));
  CHECK(is_end_to_end(FieldId::custom));
  CHECK_FALSE(is_end_to_end(FieldId::other));
  CHECK_FALSE(is_end_to_end(FieldId::cookie));
  CHECK_FALSE(is_end_to_end(FieldId::te));
  CHECK_FALSE(is_end_to_end(FieldId::server_timing));
}
