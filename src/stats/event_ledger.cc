#include <weir/stats/event_ledger.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <weir/stats/said.h>

#include "event_history.h"

namespace weir::stats {

namespace {

struct TaggedSeries {
  Tags tags;
  EventHistory history;
  TimePoint last_seen;
};

struct NamedEntry {
  std::string name;
  EventKind kind;
  std::vector<std::unique_ptr<TaggedSeries>> series;
  bool has_others = false;  ///< a series for tags that found no room
};

/// No text holds these bytes.
constexpr char kAfterName = '\x01';
constexpr char kAfterTag = '\x02';

void append_name(std::string& key, EventKind kind, std::string_view name) {
  key += static_cast<char>('a' + static_cast<int>(kind));
  key += name;
}

void append_tags(std::string& key, const Tags& tags) {
  for (const Tag& tag : tags) {
    key += kAfterName;
    key += tag.name;
    key += kAfterTag;
    key += tag.value;
  }
}

/// The wall clock may have been set meanwhile.
WallTime dated(TimePoint at, Moment now) {
  return now.wall - std::chrono::duration_cast<WallTime::duration>(now.clock - at);
}

}  // namespace

class EventLedger::Impl {
 public:
  explicit Impl(Moment start) : start_(start.clock), now_(start.clock), since_(start) {}

  void add(const Event& event, TimePoint at, Moment now);
  void advance(TimePoint now);
  void reset(Moment now);
  EventsView view(Window window, bool is_cumulative, Moment now);
  std::size_t bytes() const;

 private:
  TaggedSeries& series_of(const Event& event);
  TaggedSeries& make_series(const Event& event);
  NamedEntry& entry_of(EventKind kind, const std::string& name);
  TaggedSeries& series_in(NamedEntry& entry, const Tags& tags);
  NamedEntry& make_entry(EventKind kind, const std::string& name);
  bool has_room_for_name(EventKind kind) const;
  std::size_t kinds_free() const;
  std::size_t kept_free() const;
  NamedEntry& others_of(EventKind kind);
  double minutes(Window window) const;

  TimePoint start_;
  TimePoint now_;
  SliceNumber current_ = 0;
  Moment since_;
  std::vector<std::unique_ptr<NamedEntry>> entries_;
  std::unordered_map<std::string, NamedEntry*> by_name_;     ///< by kind and name
  std::unordered_map<std::string, TaggedSeries*> by_tags_;  ///< by kind, name and tags
  std::string key_;
  std::size_t sets_ = 0;
  std::size_t kinds_used_ = 0;  ///< kinds that have an entry of other names
  std::size_t names_used_ = 0;  ///< entries that need no place for other tags: they have it, or are of other names
  std::uint64_t overflowed_ = 0;
};

void EventLedger::Impl::advance(TimePoint now) {
  now_ = std::max(now_, now);
  const SliceNumber current = (now_ - start_) / kSlice;
  if (current == current_) return;
  current_ = current;
  for (const auto& entry : entries_) {
    for (const auto& series : entry->series) series->history.advance(current);
  }
}

void EventLedger::Impl::add(const Event& event, TimePoint at, Moment now) {
  advance(now.clock);
  TaggedSeries& series = series_of(event);
  series.history.add(event, std::clamp<SliceNumber>((at - start_) / kSlice, 0, current_));
  series.last_seen = std::max(series.last_seen, std::min(at, now.clock));
}

TaggedSeries& EventLedger::Impl::series_of(const Event& event) {
  key_.clear();
  append_name(key_, event.kind, event.name);
  append_tags(key_, event.tags);
  const auto known = by_tags_.find(key_);
  return known != by_tags_.end() ? *known->second : make_series(event);
}

/// Where there is no room for the name it is one of the others, and where there is none for the tags they are others.
TaggedSeries& EventLedger::Impl::make_series(const Event& event) {
  static const Tags kOtherTags = {{"tags", std::string(kOtherName)}};
  NamedEntry& entry = entry_of(event.kind, event.name);
  const bool is_other = entry.name == kOtherName;
  const bool has_room = entry.series.empty() ||
                        (by_tags_.size() + kept_free() < kMostSeries && entry.series.size() < kMostSeriesOfName);
  if (is_other || !has_room) ++overflowed_;
  if (is_other) return series_in(entry, Tags());
  if (has_room) return series_in(entry, event.tags);
  if (!entry.has_others) {
    // So many names that not each can have a place for its other tags.
    if (by_tags_.size() + kinds_free() >= kMostSeries) return series_in(others_of(event.kind), Tags());
    entry.has_others = true;
    ++names_used_;
  }
  return series_in(entry, kOtherTags);
}

/// Places for the other names of each kind.
std::size_t EventLedger::Impl::kinds_free() const { return count_of<EventKind>() - kinds_used_; }

/// What other tags of known names must leave free: those, and one for the other tags of each name.
std::size_t EventLedger::Impl::kept_free() const { return entries_.size() - names_used_ + kinds_free(); }

bool EventLedger::Impl::has_room_for_name(EventKind kind) const {
  return entries_.size() < kMostNames && by_tags_.size() + kinds_free() < kMostSeries && (kind != EventKind::set || sets_ < kMostSets);
}

NamedEntry& EventLedger::Impl::entry_of(EventKind kind, const std::string& name) {
  std::string key;
  append_name(key, kind, name);
  const auto known = by_name_.find(key);
  if (known != by_name_.end()) return *known->second;
  if (has_room_for_name(kind)) return make_entry(kind, name);
  return others_of(kind);
}

NamedEntry& EventLedger::Impl::others_of(EventKind kind) {
  std::string key;
  append_name(key, kind, kOtherName);
  const auto others = by_name_.find(key);
  return others != by_name_.end() ? *others->second : make_entry(kind, std::string(kOtherName));
}

NamedEntry& EventLedger::Impl::make_entry(EventKind kind, const std::string& name) {
  NamedEntry& entry = *entries_.emplace_back(std::make_unique<NamedEntry>(NamedEntry{name, kind, {}, false}));
  sets_ += kind == EventKind::set;
  kinds_used_ += name == kOtherName;
  names_used_ += name == kOtherName;
  std::string key;
  append_name(key, kind, name);
  by_name_[key] = &entry;
  return entry;
}

TaggedSeries& EventLedger::Impl::series_in(NamedEntry& entry, const Tags& tags) {
  std::string key;
  append_name(key, entry.kind, entry.name);
  append_tags(key, tags);
  TaggedSeries*& place = by_tags_[key];
  if (place == nullptr) {
    entry.series.push_back(std::make_unique<TaggedSeries>(TaggedSeries{tags, EventHistory(entry.kind, current_), {}}));
    place = entry.series.back().get();
  }
  return *place;
}

void EventLedger::Impl::reset(Moment now) {
  advance(now.clock);
  since_ = now;
  for (const auto& entry : entries_) {
    for (const auto& series : entry->series) series->history.reset();
  }
}

/// Of a sliding window those that its slices cover: its span and what has passed of the newest slice. The same length
/// that requests per minute are taken over.
double EventLedger::Impl::minutes(Window window) const {
  const auto in_minutes = [](Nanos span) { return seconds(span) / 60; };
  double covered = in_minutes(now_ - since_.clock);
  if (window != Window::all) {
    const WindowShape shape = shape_of(window);
    covered = std::min(covered, in_minutes(shape.span + (now_ - start_) % shape.step));
  }
  return std::max(0.0, covered);
}

EventsView EventLedger::Impl::view(Window window, bool is_cumulative, Moment now) {
  advance(now.clock);
  EventsView view{window, is_cumulative, now, dated(since_.clock, now), minutes(window), {}, overflowed_};
  for (const auto& entry : entries_) {
    EventEntry shown{entry->name, entry->kind, {}};
    for (const auto& series : entry->series) {
      if (!is_cumulative && series->history.is_empty()) continue;
      EventSeries& one = shown.series.emplace_back();
      one.tags = series->tags;
      one.figures.last_seen = dated(series->last_seen, now);
      if (is_cumulative) {
        series->history.write_cumulative(one.figures);
        one.members = series->history.members();
      } else {
        series->history.write(one.figures, window);
      }
    }
    if (!shown.series.empty()) view.events.push_back(std::move(shown));
  }
  std::sort(view.events.begin(), view.events.end(), [](const EventEntry& a, const EventEntry& b) {
    return std::tie(a.name, a.kind) < std::tie(b.name, b.kind);
  });
  return view;
}

std::size_t EventLedger::Impl::bytes() const {
  std::size_t total = sizeof(Impl);
  for (const auto& [key, series] : by_tags_) {
    total += 2 * key.size() + sizeof(TaggedSeries) - sizeof(EventHistory) + series->history.bytes();
  }
  return total;
}

EventLedger::EventLedger(Moment start) : impl_(std::make_unique<Impl>(start)) {}
EventLedger::~EventLedger() = default;

void EventLedger::add(const Event& event, TimePoint at, Moment now) { impl_->add(event, at, now); }
void EventLedger::advance(TimePoint now) { impl_->advance(now); }
void EventLedger::reset(Moment now) { impl_->reset(now); }
EventsView EventLedger::view(Window window, Moment now) { return impl_->view(window, false, now); }
EventsView EventLedger::cumulative_view(Moment now) { return impl_->view(Window::all, true, now); }
std::size_t EventLedger::bytes() const { return impl_->bytes(); }

}  // namespace weir::stats
