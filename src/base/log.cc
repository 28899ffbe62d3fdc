#include <weir/base/log.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string_view>

#include <unistd.h>

#include <weir/base/clock.h>
#include <weir/base/json_writer.h>

namespace weir::log {
namespace {

// Relaxed everywhere: each value stands alone, and a line that still sees the old one does no harm.
std::atomic<Level> g_level{Level::info};
std::atomic<Format> g_format{Format::text};
std::atomic<int> g_fd{2};

void append_as_json(std::string& line, Level level, std::string_view event,
                    std::initializer_list<Field> fields) {
  JsonWriter json(line);
  json.begin_object();
  json.member("time", rfc3339(WallClock::now()));
  json.member("level", label(level));
  json.member("event", event);
  for (const Field& field : fields) {
    json.key(field.name);
    if (field.is_text) {
      json.value(std::string_view(field.value));
    } else {
      json.raw(field.value);
    }
  }
  json.end_object();
}

/// Needs no quotes: nothing in it ends the value, or could command the terminal that shows it.
bool is_plain(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte != 0x7F && c != '"' && c != '\\';
  });
}

void append_as_text(std::string& line, Level level, std::string_view event,
                    std::initializer_list<Field> fields) {
  line += rfc3339(WallClock::now());
  line += ' ';
  line += label(level);
  line.append(level == Level::warning ? 1 : 8 - label(level).size(), ' ');
  line += event;
  for (const Field& field : fields) {
    line += "  ";
    line += field.name;
    line += '=';
    if (!field.is_text || is_plain(field.value)) {
      line += field.value;
    } else {
      line += '"';
      append_json_escaped(line, field.value);
      line += '"';
    }
  }
}

}  // namespace

void configure(Level level, Format format, int fd) {
  g_level.store(level, std::memory_order_relaxed);
  g_format.store(format, std::memory_order_relaxed);
  g_fd.store(fd, std::memory_order_relaxed);
}

bool is_enabled(Level level) { return level >= g_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!is_enabled(level)) return;
  std::string line;
  if (g_format.load(std::memory_order_relaxed) == Format::json) {
    append_as_json(line, level, event, fields);
  } else {
    append_as_text(line, level, event, fields);
  }
  line += '\n';
  // One write a line. A log that cannot be written is no reason to stop serving, and there is nowhere to say so.
  while (::write(g_fd.load(std::memory_order_relaxed), line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

}  // namespace weir::log
