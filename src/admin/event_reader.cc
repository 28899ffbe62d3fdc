#include "event_reader.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include <weir/base/printable.h>

#include "object_reader.h"

namespace weir::admin {

namespace {

using stats::Event;
using stats::EventKind;

/// The members that say what kind of event it is; one at most.
constexpr std::array<std::string_view, 4> kFacts = {"count", "duration", "value", "member"};

void read_tags(ObjectReader& reader, stats::Tags& tags) {
  const auto object = reader.object("tags");
  if (!object) return;
  for (const auto& [name, value] : *object) {
    const std::string member = fmt::format("tags.{}", name);
    std::string_view text;
    if (tags.size() == stats::kMostTags) {
      return reader.refuse("tags", fmt::format("there are more than {}", stats::kMostTags), "leave some out");
    }
    if (name.empty() || name.size() > stats::kLongestTagName || !is_printable(name)) {
      return reader.refuse(member, "is no name of a tag", fmt::format("write 1 to {} bytes", stats::kLongestTagName));
    }
    if (value.get(text) != simdjson::SUCCESS) return reader.refuse(member, "is no text", "write it in quotes");
    if (text.empty() || text.size() > stats::kLongestTagValue || !is_printable(text)) {
      return reader.refuse(member, "is no value of a tag", fmt::format("write 1 to {} bytes", stats::kLongestTagValue));
    }
    tags.push_back({std::string(name), std::string(text)});
  }
  stats::make_labels(tags);
}

void refuse_several_facts(ObjectReader& reader) {
  std::string_view first;
  for (const std::string_view fact : kFacts) {
    if (!reader.has(fact)) continue;
    if (!first.empty()) return reader.refuse(fact, fmt::format("stands beside {}", first), "send them as two events");
    first = fact;
  }
}

Event read_event(ObjectReader& reader) {
  Event event;
  if (reader.is_ok() && !reader.has("name")) reader.refuse("name", "is missing", "write {\"name\":\"download\"}");
  event.name = reader.text("name", Event::kLongestName).value_or("");
  refuse_several_facts(reader);
  if (const auto count = reader.whole("count", {1, kLargestCount})) event.amount = static_cast<double>(*count);
  if (const auto taken = reader.number("duration", {0, kLongestTiming})) {
    event.kind = EventKind::timing;
    event.amount = *taken;
  }
  if (const auto value = reader.number("value", {-Event::kLargest, Event::kLargest})) {
    event.kind = EventKind::gauge;
    event.amount = *value;
  }
  if (auto member = reader.text("member", Event::kLongestMember)) {
    event.kind = EventKind::set;
    event.member = std::move(*member);
  }
  read_tags(reader, event.tags);
  reader.refuse_others("name, count, duration, value, member, tags");
  return event;
}

}  // namespace

std::variant<std::vector<Event>, Answer> read_events(std::string_view body) {
  simdjson::dom::parser parser;
  const Result<simdjson::dom::element> root = parse_body(parser, body);
  if (!root) return problem_answer(400, root.error().message);
  std::vector<Event> events;
  simdjson::dom::array array;
  if (root.value().get(array) != simdjson::SUCCESS) {
    ObjectReader reader(root.value(), "");
    events.push_back(read_event(reader));
    if (!reader.is_ok()) return problem_answer(400, reader.problem());
    return events;
  }
  for (const simdjson::dom::element element : array) {
    if (events.size() == kMostEvents) {
      return problem_answer(413,
                            fmt::format("there are more than {} events (send them in several calls)", kMostEvents));
    }
    ObjectReader reader(element, fmt::format("[{}]", events.size()));
    events.push_back(read_event(reader));
    if (!reader.is_ok()) return problem_answer(400, reader.problem());
  }
  return events;
}

}  // namespace weir::admin
