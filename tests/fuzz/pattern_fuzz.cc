// A pattern that is accepted reads back to itself and takes a path made from it; matching ends whatever the path is.
#include <string>

#include <weir/route/pattern.h>
#include <weir/route/table.h>

#include "target.h"

using namespace weir;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of(data, size);
  const std::size_t line = input.find('\n');
  const auto pattern = route::Pattern::parse(input.substr(0, line));
  if (!pattern) {
    WEIR_CHECK(!pattern.error().message.empty(), "a pattern is refused without a word");
    return 0;
  }
  const auto again = route::Pattern::parse(pattern.value().text());
  WEIR_CHECK(again.is_ok() && again.value().text() == pattern.value().text(), "a pattern does not read back to itself");

  route::Match match;
  match.route = RouteId(1);
  const route::Table table({{.pattern = pattern.value(), .match = match}});
  std::string path;
  for (const route::Segment& segment : pattern.value().segments()) {
    path += '/';
    path += segment.type == route::Segment::Type::literal ? segment.text : segment.prefix + "x" + segment.suffix;
  }
  if (pattern.value().is_asterisk()) path = "*";
  const Method method = pattern.value().method().value_or(Method::get);
  WEIR_CHECK(table.match(method, path).route == RouteId(1), "a pattern does not take a path made from it");
  if (line != std::string_view::npos) table.match(method, input.substr(line + 1));
  return 0;
}
