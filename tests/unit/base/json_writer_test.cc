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
  CHECK(out == "\\\"\\\\\\n\\u0001\\u007f/é\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}
