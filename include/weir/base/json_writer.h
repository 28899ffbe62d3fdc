#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// Appends `text` as the inside of a JSON string (RFC 8259 section 7). Bytes that are no UTF-8 become the text `\xNN`, as
/// in the access log, so that the outcome is always valid JSON whatever a client sent, and two names that differ in such a
/// byte are shown as two.
void append_json_escaped(std::string& out, std::string_view text);

/// Writes JSON into a string as it goes; commas are its own business. The caller balances begin and end.
/// Not-a-number and infinity become `null`: a figure that is not known is never invented.
///
///     JsonWriter json(out);
///     json.begin_object().key("status").value("reset").end_object();
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(double number);
  JsonWriter& value(std::nullptr_t) { return null(); }
  template <class Integer>
    requires(std::integral<Integer> && !std::same_as<Integer, bool> && !std::same_as<Integer, char>)
  JsonWriter& value(Integer number) {
    if constexpr (std::signed_integral<Integer>) {
      return integer(static_cast<std::int64_t>(number));
    } else {
      return unsigned_integer(static_cast<std::uint64_t>(number));
    }
  }
  JsonWriter& null();
  /// `json` is a whole JSON value already.
  JsonWriter& raw(std::string_view json);

  template <class Value>
  JsonWriter& member(std::string_view name, const Value& v) {
    return key(name).value(v);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& integer(std::int64_t number);
  JsonWriter& unsigned_integer(std::uint64_t number);
  void separate();

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace weir
