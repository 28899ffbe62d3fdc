#include "fetch.h"
#include "json.h"
#include "quantities.h"
#include "terminal.h"

#include <fmt/format.h>

#include <weir/base/json_writer.h>
#include <weir/base/write_all.h>
#include <weir/verbs/mark.h>

namespace weir::verbs {

bool add_mark(const MarkOptions& options) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("name", options.name);
  if (!options.text.empty()) json.member("text", options.text);
  json.end_object();
  const Result<std::string> made =
      fetch(options.server,
            {.method = Method::post, .target = "/admin/performance/marks", .accept = "application/json", .body = body});
  if (!made) {
    complain("marks", made.error().message);
    return false;
  }
  const Result<Json> mark = Json::parse(made.value());
  const std::string at = mark ? local_time_text(mark.value()["timestamp"].text()) : "now";
  const std::string text =
      options.as_json ? made.value() + "\n"
                      : fmt::format("marked: {} at {} ({})\n", harmless(options.name), harmless(at), time_zone());
  // It is there, whoever reads of it.
  if (put(text) == Output::failed) complain("marks", kNoOutput);
  return true;
}

}  // namespace weir::verbs
