#include <weir/route/openapi.h>

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include <weir/base/bytes.h>

namespace weir::route {

namespace {

struct Operation {
  std::string_view member;
  Method method;
};

constexpr std::array<Operation, 8> kOperations = {{{"get", Method::get},
                                                   {"put", Method::put},
                                                   {"post", Method::post},
                                                   {"delete", Method::delete_},
                                                   {"options", Method::options},
                                                   {"head", Method::head},
                                                   {"patch", Method::patch},
                                                   {"trace", Method::trace}}};
/// A `$ref` may lead to another; more than these go in a circle.
constexpr int kMaxReferences = 8;

std::string without_end_slash(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

std::string place_of(const Document::Member& member) {
  return member.line == 0 ? std::string() : fmt::format("{}:{}: ", member.line, member.column);
}

/// `https://{region}.example.org/v1/` with its variables' defaults filled in, then the path of it: `/v1`.
std::string base_of_server(const Document& server) {
  const Document* url = server.find("url");
  std::string text = url == nullptr ? "" : url->text;
  if (const Document* variables = server.find("variables"); variables != nullptr) {
    for (const Document::Member& variable : variables->members) {
      const Document* value = variable.value.find("default");
      const std::string place = "{" + variable.name + "}";
      for (std::size_t at = text.find(place); value != nullptr && at != std::string::npos; at = text.find(place, at)) {
        text.replace(at, place.size(), value->text);
        at += value->text.size();
      }
    }
  }
  if (const std::size_t scheme = text.find("://"); scheme != std::string::npos) {
    const std::size_t path = text.find('/', scheme + 3);
    text = path == std::string::npos ? "" : text.substr(path);
  }
  text = text.substr(0, text.find_first_of("?#"));
  if (text.starts_with("./")) text.erase(0, 1);
  if (!text.empty() && text.front() != '/') text.insert(0, "/");
  return without_end_slash(text);
}

/// The base paths that hold under `level`, or `outer` if it names none.
std::vector<std::string> bases_at(const Document& level, const std::vector<std::string>& outer) {
  const Document* servers = level.find("servers");
  if (servers == nullptr || servers->items.empty()) return outer;
  std::set<std::string> bases;
  for (const Document& server : servers->items) bases.insert(base_of_server(server));
  return {bases.begin(), bases.end()};
}

std::string clean_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool is_letter = (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_';
    if (is_letter || (!name.empty() && (is_digit(c) || c == '-'))) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (name.ends_with('_')) name.pop_back();
  return name.empty() ? "value" : name;
}

/// One segment of a path template as a segment of a pattern.
Segment to_segment(std::string_view text, bool is_last, std::set<std::string>& names) {
  if (text == "*" || text == "**") {
    return {is_last ? Segment::Type::rest : Segment::Type::parameter, is_last ? "" : "any"};
  }
  if (text.find('{') == std::string_view::npos) return {Segment::Type::literal, std::string(text)};
  const bool is_whole = text.front() == '{' && text.find('}') == text.size() - 1;
  const char end = is_whole && text.size() > 2 ? text[text.size() - 2] : '\0';
  const bool is_rest = is_last && (end == '+' || end == '*');
  const std::string base = clean_name(text);
  std::string name = base;
  for (int i = 2; !names.insert(name).second; ++i) name = fmt::format("{}_{}", base, i);
  return {is_rest ? Segment::Type::rest : Segment::Type::parameter, name};
}

Result<std::vector<Segment>> to_segments(std::string_view path) {
  std::vector<Segment> segments;
  std::set<std::string> names;
  path = path.substr(0, path.find_first_of("?#"));
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    segments.push_back(to_segment(path.substr(at, end - at), end == path.size(), names));
    at = end + 1;
  }
  if (segments.size() > Pattern::kMaxSegments) {
    return Error{fmt::format("path {} has {} segments: at most {}", path, segments.size(), Pattern::kMaxSegments)};
  }
  return segments;
}

/// `#/components/pathItems/pets`, RFC 6901.
const Document* follow(const Document& root, std::string_view reference) {
  if (!reference.starts_with("#/")) return nullptr;
  const Document* at = &root;
  for (std::size_t begin = 2; at != nullptr && begin <= reference.size();) {
    const std::size_t end = std::min(reference.find('/', begin), reference.size());
    std::string name(reference.substr(begin, end - begin));
    for (const auto& [code, sign] : {std::pair("~1", "/"), std::pair("~0", "~")}) {
      for (std::size_t i = name.find(code); i != std::string::npos; i = name.find(code, i + 1)) {
        name.replace(i, 2, sign);
      }
    }
    at = at->find(name);
    begin = end + 1;
  }
  return at;
}

class Reader {
 public:
  explicit Reader(const Document& root) : root_(root) {}

  Result<std::vector<Configured>> read() {
    if (Status status = read_version(); !status) return status.error();
    const Document::Member* paths = root_.find_member("paths");
    if (paths == nullptr) return routes_;  // 3.1 allows a description of webhooks alone
    if (paths->value.type != Document::Type::map) {
      return Error{fmt::format("{}paths: is no map of path to operations", place_of(*paths))};
    }
    for (const Document::Member& item : paths->value.members) {
      if (item.name.starts_with("x-")) continue;
      if (!item.name.starts_with('/')) {
        return Error{fmt::format("{}paths: '{}' does not begin with a slash", place_of(item), item.name)};
      }
      if (Status status = read_item(item.name, item.value); !status) {
        return Error{place_of(item) + status.error().message};
      }
    }
    return std::move(routes_);
  }

 private:
  Status read_version() {
    const Document::Member* swagger = root_.find_member("swagger");
    const Document::Member* openapi = root_.find_member("openapi");
    if (openapi != nullptr && openapi->value.text.starts_with("3.")) {
      bases_ = bases_at(root_, {""});
    } else if (swagger != nullptr && swagger->value.text.starts_with("2")) {
      const Document* base = root_.find("basePath");
      std::string path = base == nullptr ? "" : without_end_slash(base->text);
      if (!path.empty() && path.front() != '/') path.insert(0, "/");
      bases_ = {path};
    } else if (openapi != nullptr || swagger != nullptr) {
      const Document::Member& said = openapi != nullptr ? *openapi : *swagger;
      return Error{fmt::format("{}version '{}' is not known: 2.0, 3.0 and 3.1 are", place_of(said), said.value.text)};
    } else {
      return Error{"is no OpenAPI description: neither 'openapi: 3.…' nor 'swagger: 2.0' at the top"};
    }
    return Done{};
  }

  Status read_item(std::string_view path, const Document& given) {
    const Document* item = &given;
    for (int i = 0; item != nullptr; ++i) {
      const Document* reference = item->find("$ref");
      if (reference == nullptr) break;
      if (i == kMaxReferences) return Error{fmt::format("path {}: its $ref goes in a circle", path)};
      item = follow(root_, reference->text);
    }
    if (item == nullptr) return add(path, std::nullopt, bases_);
    const std::vector<std::string> bases = bases_at(*item, bases_);
    for (const Operation& operation : kOperations) {
      const Document* found = item->find(operation.member);
      if (found == nullptr) continue;
      if (Status status = add(path, operation.method, bases_at(*found, bases)); !status) return status;
    }
    return Done{};
  }

  Status add(std::string_view path, std::optional<Method> method, const std::vector<std::string>& bases) {
    for (const std::string& base : bases) {
      auto segments = to_segments(fmt::format("{}{}", base, path));
      if (!segments) return segments.error();
      Pattern pattern(method, std::move(segments).value());
      if (seen_.insert(pattern.shape()).second) routes_.push_back({std::move(pattern), Source::openapi, {}, {}});
    }
    return Done{};
  }

  const Document& root_;
  std::vector<std::string> bases_;
  std::set<std::string> seen_;
  std::vector<Configured> routes_;
};

}  // namespace

const Document::Member* Document::find_member(std::string_view name) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [name](const Member& member) { return member.name == name; });
  return found == members.end() ? nullptr : &*found;
}

const Document* Document::find(std::string_view name) const {
  const Member* member = find_member(name);
  return member == nullptr ? nullptr : &member->value;
}

bool is_left_out_of_openapi(std::string_view member) {
  static constexpr std::array<std::string_view, 16> kBulk = {
      "responses", "requestBody", "requestBodies", "parameters", "schemas",  "examples",  "definitions", "description",
      "summary",   "security",    "securitySchemes", "callbacks", "tags",     "headers",   "links",       "webhooks"};
  return member.starts_with("x-") || std::find(kBulk.begin(), kBulk.end(), member) != kBulk.end();
}

Result<std::vector<Configured>> read_openapi(const Document& document) {
  if (document.type != Document::Type::map) {
    return Error{"is no OpenAPI description: neither 'openapi: 3.…' nor 'swagger: 2.0' at the top"};
  }
  return Reader(document).read();
}

}  // namespace weir::route
