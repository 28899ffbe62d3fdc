#include <weir/export/marks_json.h>

#include <weir/base/json_writer.h>

#include "figures_json.h"

namespace weir::exporter {

namespace {

void write_mark(JsonWriter& json, const stats::Mark& mark) {
  json.begin_object().member("name", mark.name).member("timestamp", rfc3339(mark.at));
  write_text_or_null(json, "text", mark.text);
  json.end_object();
}

}  // namespace

std::string marks_json(std::span<const stats::Mark> marks, WallTime as_of) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("marks").begin_array();
  for (const stats::Mark& mark : marks) write_mark(json, mark);
  json.end_array().member("count", marks.size()).member("as_of", rfc3339(as_of)).end_object();
  return out;
}

std::string mark_json(const stats::Mark& mark) {
  std::string out;
  JsonWriter json(out);
  write_mark(json, mark);
  return out;
}

}  // namespace weir::exporter
