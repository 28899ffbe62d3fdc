#include <fmt/format.h>
#include <simdjson.h>

#include <weir/route/openapi.h>

namespace weir::route {

namespace {

/// simdjson itself stops at a depth of 1024, so the recursion is bounded.
Document to_document(simdjson::dom::element element, OpenapiLevel level) {
  Document out;
  switch (element.type()) {
    case simdjson::dom::element_type::OBJECT:
      out.type = Document::Type::map;
      for (const auto& [key, value] : simdjson::dom::object(element)) {
        const std::optional<OpenapiLevel> below = level_below(level, key);
        if (below) out.members.push_back({std::string(key), to_document(value, *below), 0, 0});
      }
      break;
    case simdjson::dom::element_type::ARRAY:
      out.type = Document::Type::list;
      for (const simdjson::dom::element item : simdjson::dom::array(element)) {
        out.items.push_back(to_document(item, level));
      }
      break;
    case simdjson::dom::element_type::STRING:
      out.text = std::string_view(element);
      break;
    case simdjson::dom::element_type::NULL_VALUE:
      break;
    default:
      out.text = simdjson::minify(element);
  }
  return out;
}

}  // namespace

Result<Document> parse_json(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto error = parser.parse(text.data(), text.size()).get(root);
  if (error != simdjson::SUCCESS) return Error{fmt::format("is no valid JSON: {}", simdjson::error_message(error))};
  return to_document(root, OpenapiLevel::top);
}

}  // namespace weir::route
