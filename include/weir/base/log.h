#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <weir/base/names.h>

namespace weir::log {

enum class Level : std::uint8_t { debug, info, warning, error };
enum class Format : std::uint8_t { text, json };

/// One named value of a log line. Text is escaped; a number or boolean stands bare in JSON.
struct Field {
  Field(std::string_view n, std::string_view v) : name(n), value(v), is_text(true) {}
  Field(std::string_view n, const std::string& v) : name(n), value(v), is_text(true) {}
  Field(std::string_view n, const char* v) : name(n), value(v), is_text(true) {}
  Field(std::string_view n, bool v) : name(n), value(v ? "true" : "false"), is_text(false) {}
  template <class Number>
    requires std::is_arithmetic_v<Number>
  Field(std::string_view n, Number v) : name(n), value(std::to_string(v)), is_text(false) {}

  std::string name;
  std::string value;
  bool is_text;
};

/// Lines below `level` are dropped; the rest go to `fd` in one write each, so that lines of several threads never mix.
/// Call before threads start, or again from any thread: both values are atomics.
void configure(Level level, Format format, int fd = 2);

/// Whether a line of this level would be written: ask before building an expensive one.
bool is_enabled(Level level);

/// `event` is a short fixed sentence; what varies goes into `fields`. Any thread. Never from the hot path above debug.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  if (is_enabled(Level::debug)) write(Level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) { write(Level::info, event, fields); }
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::warning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) { write(Level::error, event, fields); }

}  // namespace weir::log

template <>
struct weir::Names<weir::log::Level> {
  static constexpr std::array<std::string_view, 4> labels = {"debug", "info", "warning", "error"};
};
template <>
struct weir::Names<weir::log::Format> {
  static constexpr std::array<std::string_view, 2> labels = {"text", "json"};
};
