#include <weir/base/json_writer.h>

#include <limits>

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("JsonWriter: nests and separates") {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("a", 1).key("b").begin_array().value("x").value(true).null().end_array();
  json.key("c").begin_object().end_object().member("d", -2.5).end_object();
  CHECK(out == R"({"a":1,"b":["x",true,null],"c":{},"d":-2.5})");
}

TEST_CASE("JsonWriter: a figure that is no number becomes null") {
  std::string out;
  JsonWriter json(out);
  json.begin_array().value(std::numeric_limits<double>::quiet_NaN());
  json.value(std::numeric_limits<double>::infinity()).value(std::uint64_t{18446744073709551615U}).end_array();
  CHECK(out == "[null,null,18446744073709551615]");
}

TEST_CASE("append_json_escaped: any bytes become valid JSON") {
  std::string out;
  append_json_escaped(out, std::string_view("\"\\\n\x01\x7f/é\xff\xc0\x80\xed\xa0\x80", 14));
  CHECK(out == R"(\"\\\n\u0001\u007f/é\\xFF\\xC0\\x80\\xED\\xA0\\x80)");
}

TEST_CASE("append_json_escaped: names that differ in a byte that is no text are shown as two") {
  std::string latin1, other;
  append_json_escaped(latin1, "M\xFCller");
  append_json_escaped(other, "M\xF6ller");
  CHECK(latin1 == R"(M\\xFCller)");
  CHECK(other == R"(M\\xF6ller)");
}
