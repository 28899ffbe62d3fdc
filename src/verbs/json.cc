#include "json.h"

#include <fmt/format.h>
#include <simdjson.h>

namespace weir::verbs {

struct JsonBuilder {
  /// simdjson itself stops at a depth of 1024, so the recursion is bounded.
  static Json build(simdjson::dom::element element) {
    using Type = simdjson::dom::element_type;
    Json out;
    switch (element.type()) {
      case Type::OBJECT:
        out.kind_ = Json::Kind::object;
        for (const auto& [name, value] : simdjson::dom::object(element)) {
          out.members_.push_back({std::string(name), build(value)});
        }
        break;
      case Type::ARRAY:
        out.kind_ = Json::Kind::list;
        for (const simdjson::dom::element item : simdjson::dom::array(element)) out.items_.push_back(build(item));
        break;
      case Type::STRING:
        out.kind_ = Json::Kind::text;
        out.text_ = std::string_view(element);
        break;
      case Type::BOOL:
        out.kind_ = Json::Kind::boolean;
        out.number_ = bool(element) ? 1 : 0;
        break;
      case Type::INT64:
      case Type::UINT64:
      case Type::DOUBLE:
        out.kind_ = Json::Kind::number;
        out.number_ = double(element);
        break;
      case Type::NULL_VALUE: break;
    }
    return out;
  }
};

Result<Json> Json::parse(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto error = parser.parse(text.data(), text.size()).get(root);
  if (error != simdjson::SUCCESS) return Error{fmt::format("no valid JSON: {}", simdjson::error_message(error))};
  return JsonBuilder::build(root);
}

const Json& Json::operator[](std::string_view name) const {
  static const Json kNull;
  for (const Member& member : members_) {
    if (member.name == name) return member.value;
  }
  return kNull;
}

std::optional<double> Json::number() const {
  if (kind_ != Kind::number) return std::nullopt;
  return number_;
}

}  // namespace weir::verbs
