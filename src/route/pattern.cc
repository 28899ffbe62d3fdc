#include <algorithm>
#include <fmt/format.h>
#include <set>

#include <weir/base/bytes.h>
#include <weir/route/normal_form.h>
#include <weir/route/pattern.h>

namespace weir::route {

namespace {

using Parsed = Result<Segment>;

/// Whether the parameter takes whatever the literal or parameter `other` takes.
bool takes(const Segment& parameter, const Segment& other) {
  const bool is_literal = other.type == Segment::Type::literal;
  const std::string_view front = is_literal ? other.text : other.prefix;
  const std::string_view back = is_literal ? other.text : other.suffix;
  const std::size_t around = parameter.prefix.size() + parameter.suffix.size();
  return (!is_literal || other.text.size() > around) && front.starts_with(parameter.prefix) &&
         back.ends_with(parameter.suffix);
}

bool is_name(std::string_view name) {
  const auto is_letter = [](char c) { return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_'; };
  if (name.empty() || !is_letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; });
}

Parsed parse_parameter(std::string_view text) {
  std::string_view name = text.substr(1, text.size() - 2);
  const bool is_rest = name.ends_with("...");
  if (is_rest) name.remove_suffix(3);
  if (!is_name(name)) {
    return Error{fmt::format("'{}' has no name: write {{name}} or {{name...}}, letters, digits and _ only", text)};
  }
  return Segment{is_rest ? Segment::Type::rest : Segment::Type::parameter, std::string(name)};
}

Status check_literal(std::string_view text, std::string_view segment) {
  if (text.find('*') != std::string_view::npos) {
    return Error{fmt::format("'{}' has a * inside: * takes whole segments and comes last, write /a/*", segment)};
  }
  for (const char c : text) {
    if (c == '?' || c == '#') {
      return Error{fmt::format("'{}' has a {}: a pattern is a path alone, the query is no part of it", segment, c)};
    }
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) {
      return Error{fmt::format("'{}' has a control byte: write it percent-encoded, as it is sent", segment)};
    }
  }
  return Done{};
}

/// `v{n}`, `{id}:cancel`, `{name}.{format}`: the text around the outermost braces, and one parameter between.
Parsed parse_mixed(std::string_view text) {
  const std::size_t first = text.find('{');
  const std::size_t last = text.rfind('}');
  const Error unbalanced{fmt::format("'{}' has a brace without its other half: write {{name}}", text)};
  if (first == std::string_view::npos || last == std::string_view::npos || last < first) return unbalanced;
  if (text.find('}') < first || text.find('{', last) != std::string_view::npos) return unbalanced;
  Segment segment{
      Segment::Type::parameter, {}, kAnyKind, std::string(text.substr(0, first)), std::string(text.substr(last + 1))};
  for (std::size_t at = first; at < last;) {
    const std::size_t end = text.find('}', at);
    const Parsed part = parse_parameter(text.substr(at, end + 1 - at));
    if (!part) return part.error();
    if (part.value().type == Segment::Type::rest) {
      return Error{
          fmt::format("'{}' takes all that is left, so there can be no text beside it: write {{name}}, "
                      "or {{name...}} as a whole segment",
                      text)};
    }
    segment.text.append(segment.text.empty() ? "" : "_").append(part.value().text);
    at = end == last ? last : text.find('{', end);
    if (text.substr(end + 1, at - end - 1).find('}') != std::string_view::npos) return unbalanced;
  }
  for (const std::string& literal : {segment.prefix, segment.suffix}) {
    if (Status status = check_literal(literal, text); !status) return status.error();
  }
  return segment;
}

Parsed parse_segment(std::string_view text) {
  if (text == "*") return Segment{Segment::Type::rest, {}};
  if (text.size() >= 2 && text.front() == '{' && text.find('}') == text.size() - 1) return parse_parameter(text);
  if (text.find_first_of("{}") != std::string_view::npos) return parse_mixed(text);
  if (text.size() > 1 && text.front() == ':') {
    return Error{fmt::format("'{}' is no parameter here: write {{{}}}", text, text.substr(1))};
  }
  if (Status status = check_literal(text, text); !status) return status.error();
  return Segment{Segment::Type::literal, std::string(text)};
}

Result<std::vector<Segment>> parse_path(std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return Error{fmt::format("'{}' does not begin with a slash: write /{}", path, path)};
  }
  std::vector<Segment> segments;
  std::set<std::string> names;
  std::size_t at = 1;
  while (at <= path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    Parsed segment = parse_segment(path.substr(at, end - at));
    if (!segment) return segment.error();
    const bool is_named = segment.value().type != Segment::Type::literal && !segment.value().text.empty();
    if (is_named && !names.insert(segment.value().text).second) {
      return Error{fmt::format("parameter {{{}}} comes twice: give each its own name", segment.value().text)};
    }
    if (segment.value().type == Segment::Type::rest && end != path.size()) {
      return Error{fmt::format("'{}' takes all that is left, so nothing can follow it: put it last",
                               path.substr(at, end - at))};
    }
    segments.push_back(std::move(segment).value());
    at = end + 1;
  }
  if (segments.size() > Pattern::kMaxSegments) {
    return Error{fmt::format("{} segments are too many: at most {}", segments.size(), Pattern::kMaxSegments)};
  }
  return segments;
}

}  // namespace

Pattern::Pattern(std::optional<Method> method, std::vector<Segment> segments)
    : method_(method), segments_(std::move(segments)) {
  for (Segment& segment : segments_) {
    if (segment.type == Segment::Type::literal && !is_normal_form(segment.text))
      segment.text = normal_form(segment.text);
    if (!segment.has_affix()) continue;
    segment.prefix = normal_form(segment.prefix);
    segment.suffix = normal_form(segment.suffix);
  }
}

Result<Pattern> Pattern::parse(std::string_view text) {
  text = trim(text);
  if (text.empty()) return Error{"a pattern is missing: write /path or GET /path/{name}"};
  if (text.size() > kMaxText) {
    return Error{fmt::format("a pattern of {} bytes is too long: at most {}", text.size(), kMaxText)};
  }
  std::optional<Method> method;
  if (text.front() != '/' && text.front() != '*') {
    const std::size_t space = text.find_first_of(" \t");
    const std::string_view token = text.substr(0, space);
    if (space == std::string_view::npos) {
      return Error{fmt::format("'{}' does not begin with a slash: write /{}", token, token)};
    }
    method = method_of(token);
    if (*method == Method::other) {
      return Error{fmt::format("'{}' is no method that weir tells apart: methods are in capitals, "
                               "or leave it out for any", token)};
    }
    text = trim(text.substr(space));
  }
  if (text == "*") {
    if (method == Method::options) return Pattern(method, {});
    return Error{"'*' alone is the target of OPTIONS only: write /* for every path"};
  }
  auto segments = parse_path(text);
  if (!segments) return segments.error();
  return Pattern(method, std::move(segments).value());
}

std::string Pattern::path() const {
  if (is_asterisk()) return "*";
  std::string out;
  for (const Segment& segment : segments_) {
    out += '/';
    if (segment.type == Segment::Type::literal) {
      out += segment.text;
    } else if (segment.text.empty()) {
      out += '*';
    } else {
      out.append(segment.prefix).append("{").append(segment.text);
      out += segment.type == Segment::Type::rest ? "...}" : "}";
      out += segment.suffix;
    }
  }
  return out;
}

std::string Pattern::text() const {
  return method_ ? fmt::format("{} {}", label(*method_), path()) : path();
}

std::string Pattern::shape() const {
  Pattern bare = *this;
  for (Segment& segment : bare.segments_) {
    if (segment.type == Segment::Type::parameter) segment.text.assign(1, '?');
    if (segment.type == Segment::Type::rest) segment.text.clear();
  }
  return bare.text();
}

bool Pattern::covers(const Pattern& narrow) const {
  if (method_ && method_ != narrow.method_) return false;
  if (is_asterisk() || narrow.is_asterisk()) return is_asterisk() && narrow.is_asterisk();
  const std::vector<Segment>& other = narrow.segments_;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment& mine = segments_[i];
    if (mine.type == Segment::Type::rest) return i < other.size();
    if (i >= other.size() || other[i].type == Segment::Type::rest) return false;
    const bool is_literal = other[i].type == Segment::Type::literal;
    if (mine.type == Segment::Type::literal && (!is_literal || other[i].text != mine.text)) return false;
    if (mine.type == Segment::Type::parameter && !takes(mine, other[i])) return false;
  }
  return segments_.size() == other.size();
}

}  // namespace weir::route
