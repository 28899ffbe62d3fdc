#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <set>

#include <weir/base/bytes.h>
#include <weir/route/openapi.h>

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
constexpr std::size_t kMaxServerUrl = 8 * 1024;
/// Paths times servers: beyond any `max_routes`, and reached in a moment.
constexpr std::size_t kMaxOperations = 100'000;

std::string without_end_slash(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

std::string place_of(const Document::Member& member) {
  return member.line == 0 ? std::string() : fmt::format("{}:{}: ", member.line, member.column);
}

/// The URL with the variables' defaults in it. Defaults are no templates: one pass, and a brace of theirs is literal.
Result<std::string> url_of_server(const Document& server) {
  const Document* url = server.find("url");
  const Document* variables = server.find("variables");
  const std::string_view text = url == nullptr ? std::string_view() : url->text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
    const Document* variable = end == std::string_view::npos || variables == nullptr
                                   ? nullptr
                                   : variables->find(text.substr(at + 1, end - at - 1));
    const Document* value = variable == nullptr ? nullptr : variable->find("default");
    if (value == nullptr) {
      out += text[at++];
    } else {
      for (const char c : value->text) {
        if (c == '{' || c == '}') {
          out += c == '{' ? "%7B" : "%7D";
        } else {
          out += c;
        }
      }
      at = end + 1;
    }
    if (out.size() > kMaxServerUrl) {
      return Error{fmt::format("a server URL is longer than {} bytes with its variables filled in: {}…", kMaxServerUrl,
                               text.substr(0, 100))};
    }
  }
  return out;
}

/// With `.` for `%2E`, which is the same (RFC 3986 section 6.2.2.2).
std::string with_plain_dots(std::string text) {
  for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 1)) {
    if (at + 2 < text.size() && text[at + 1] == '2' && ascii_lower(text[at + 2]) == 'e') text.replace(at, 3, ".");
  }
  return text;
}

/// RFC 3986 section 5.2.4, of a path that begins with a slash: what a client makes of it before it sends it.
std::string without_dot_segments(std::string_view given) {
  const std::string path = with_plain_dots(std::string(given));
  std::vector<std::string_view> kept;
  bool ends_with_slash = false;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = std::string_view(path).substr(at, end - at);
    ends_with_slash = segment == "." || segment == "..";
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (segment != ".") {
      kept.push_back(segment);
    }
    at = end + 1;
  }
  std::string out;
  for (const std::string_view segment : kept) out.append("/").append(segment);
  if (ends_with_slash || out.empty()) out += '/';
  return out;
}

/// `./v1/` as what stands before every path: `/v1`.
std::string base_path(std::string text) {
  if (text.empty()) return text;
  if (text.front() != '/') text.insert(0, "/");
  return without_end_slash(without_dot_segments(text));
}

/// `https://{region}.example.org/v1/` with its variables' defaults filled in, then the path of it: `/v1`.
Result<std::string> base_of_server(const Document& server) {
  auto url = url_of_server(server);
  if (!url) return url.error();
  std::string text = std::move(url).value();
  text = text.substr(0, text.find_first_of("?#"));
  if (const std::size_t scheme = text.find("://"); scheme != std::string::npos || text.starts_with("//")) {
    const std::size_t path = text.find('/', scheme == std::string::npos ? 2 : scheme + 3);
    text = path == std::string::npos ? "" : text.substr(path);
  }
  return base_path(std::move(text));
}

/// The base paths that hold under `level`, or `outer` if it names none.
Result<std::vector<std::string>> bases_at(const Document& level, const std::vector<std::string>& outer) {
  const Document* servers = level.find("servers");
  if (servers == nullptr || servers->items.empty()) return outer;
  std::set<std::string> bases;
  for (const Document& server : servers->items) {
    auto base = base_of_server(server);
    if (!base) return base.error();
    bases.insert(std::move(base).value());
  }
  return std::vector<std::string>(bases.begin(), bases.end());
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
  const std::size_t first = text.find('{');
  const std::size_t last = text.rfind('}');
  if (first == std::string_view::npos || last == std::string_view::npos || last < first) {
    return {Segment::Type::literal, std::string(text)};
  }
  const std::string_view inside = text.substr(first, last + 1 - first);
  const bool is_whole = inside.size() == text.size() && text.find('}') == last;
  const char end = is_whole && text.size() > 2 ? text[text.size() - 2] : '\0';
  const bool is_rest = is_last && (end == '+' || end == '*');
  std::string base;
  for (std::size_t at = 0; at < inside.size();) {
    const std::size_t close = std::min(inside.find('}', at), inside.size() - 1);
    base += (base.empty() ? "" : "_") + clean_name(inside.substr(at, close + 1 - at));
    at = std::min(inside.find('{', close), inside.size());
  }
  std::string name = base;
  for (int i = 2; !names.insert(name).second; ++i) name = fmt::format("{}_{}", base, i);
  if (is_rest) return {Segment::Type::rest, name};
  return {Segment::Type::parameter, name, kAnyKind, std::string(text.substr(0, first)),
          std::string(text.substr(last + 1))};
}

/// Without a query or fragment, plain or as an expression of RFC 6570: `/a?b={c}`, `/a{?b,c}`.
std::string_view without_query(std::string_view path) {
  path = path.substr(0, std::min({path.find("{?"), path.find("{&"), path.find("{#")}));
  return path.substr(0, path.find_first_of("?#"));
}

Result<std::vector<Segment>> to_segments(std::string_view given) {
  std::vector<Segment> segments;
  std::set<std::string> names;
  const std::string resolved = without_dot_segments(without_query(given));
  const std::string_view path = resolved;
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

/// A pointer in a URI is percent-encoded (RFC 6901 section 6): `#/paths/~1a~1%7Bid%7D`.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    const bool is_code = text[at] == '%' && at + 2 < text.size() &&
                         std::from_chars(&text[at + 1], &text[at + 1] + 2, byte, 16).ptr == &text[at + 1] + 2;
    out += is_code ? static_cast<char>(byte) : text[at];
    if (is_code) at += 2;
  }
  return out;
}

/// `#/components/pathItems/pets`, RFC 6901.
const Document* follow(const Document& root, std::string_view reference) {
  if (!reference.starts_with("#/")) return nullptr;
  const Document* at = &root;
  for (std::size_t begin = 2; at != nullptr && begin <= reference.size();) {
    const std::size_t end = std::min(reference.find('/', begin), reference.size());
    std::string name = decoded(reference.substr(begin, end - begin));
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
  Reader(const Document& root, std::vector<std::string>* dropped) : root_(root), dropped_(dropped) {}

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
      auto bases = bases_at(root_, {""});
      if (!bases) return bases.error();
      bases_ = std::move(bases).value();
    } else if (swagger != nullptr && swagger->value.text.starts_with("2")) {
      const Document* base = root_.find("basePath");
      bases_ = {base_path(base == nullptr ? std::string() : base->text)};
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
    const auto bases = bases_at(*item, bases_);
    if (!bases) return bases.error();
    for (const Operation& operation : kOperations) {
      const Document* found = item->find(operation.member);
      if (found == nullptr) continue;
      const auto own_bases = bases_at(*found, bases.value());
      if (!own_bases) return own_bases.error();
      if (Status status = add(path, operation.method, own_bases.value()); !status) return status;
    }
    return Done{};
  }

  Status add(std::string_view path, std::optional<Method> method, const std::vector<std::string>& bases) {
    for (const std::string& base : bases) {
      auto segments = to_segments(fmt::format("{}{}", base, path));
      if (!segments) return segments.error();
      if (++operations_ > kMaxOperations) {
        return Error{fmt::format("there are more than {} operations, servers counted", kMaxOperations)};
      }
      Pattern pattern(method, std::move(segments).value());
      const auto [first, is_new] = seen_.emplace(pattern.shape(), pattern.text());
      if (!is_new && dropped_ != nullptr) dropped_->push_back(why_dropped(method, path, base, pattern, first->second));
      if (is_new) routes_.push_back({std::move(pattern), Source::openapi, {}, {}});
    }
    return Done{};
  }

  static std::string why_dropped(std::optional<Method> method, std::string_view path, std::string_view base,
                                 const Pattern& pattern, std::string_view first) {
    const std::string written = fmt::format("{}{}{}{}", method ? label(*method) : "", method ? " " : "", base, path);
    if (pattern.text() == first) return fmt::format("{} is the route {}, which comes before it", written, first);
    return fmt::format("{} takes the same paths as {}, which comes before it", written, first);
  }

  const Document& root_;
  std::vector<std::string>* dropped_;
  std::size_t operations_ = 0;
  std::vector<std::string> bases_;
  std::map<std::string, std::string> seen_;  ///< what has a shape first, by shape
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

Result<std::vector<Configured>> read_openapi(const Document& document, std::vector<std::string>* dropped) {
  if (document.type != Document::Type::map) {
    return Error{"is no OpenAPI description: neither 'openapi: 3.…' nor 'swagger: 2.0' at the top"};
  }
  return Reader(document, dropped).read();
}

}  // namespace weir::route
