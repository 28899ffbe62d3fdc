#include "people_ledger.h"

#include <algorithm>

namespace weir::stats {

namespace {

double weight_of(const PersonCounts& counts, PeopleOrder order) {
  switch (order) {
    case PeopleOrder::total_requests: return static_cast<double>(counts.requests);
    case PeopleOrder::total_errors: return static_cast<double>(counts.errors);
    case PeopleOrder::rate_limited: return static_cast<double>(counts.refused);
    case PeopleOrder::time_spent: return static_cast<double>(counts.time_ns);
    case PeopleOrder::avg_duration: return counts.mean_seconds();
  }
  return 0;
}

}  // namespace

void PersonCounts::add(const Record& record) {
  ++requests;
  errors += record.is_error();
  refused += record.status == 429;
  time_ns += static_cast<std::uint64_t>(std::max<std::int64_t>(0, record.duration_ns));
}

void PersonCounts::merge(const PersonCounts& other) {
  requests += other.requests;
  errors += other.errors;
  refused += other.refused;
  time_ns += other.time_ns;
}

void PersonCounts::remove_from(PersonCounts& sum) const {
  sum.requests -= requests;
  sum.errors -= errors;
  sum.refused -= refused;
  sum.time_ns -= time_ns;
}

double PersonCounts::error_rate() const {
  return requests == 0 ? 0 : 100.0 * static_cast<double>(errors) / static_cast<double>(requests);
}

double PersonCounts::mean_seconds() const {
  return requests == 0 ? 0 : static_cast<double>(time_ns) * 1e-9 / static_cast<double>(requests);
}

void PeopleLedger::advance(SliceNumber current) {
  current_ = current;
  for (auto& [hash, person] : followed_) person.history.advance(current);
}

void PeopleLedger::add(const Record& record, std::string_view name, SliceNumber number) {
  const std::uint64_t hash = distinct_hash(name);
  // A record that comes late belongs to the oldest open slice, as in a History.
  number = std::max(number, current_ - 1);
  active_.add(number, hash);
  const auto [place, is_new] = followed_.try_emplace(hash);
  Followed& person = place->second;
  if (is_new) {
    person.name = name.substr(0, kMaxShown);
    person.missed_requests = static_cast<std::uint64_t>(lists_[0].bound());
    person.history.advance(current_);
  }
  person.history.add(record, number);
  person.last_seen_ns = std::max(person.last_seen_ns, record.ended_ns);

  PersonCounts one;
  one.add(record);
  const std::array<Uint128, kLists> weights = {one.requests, one.errors, one.refused, one.time_ns};
  for (std::size_t i = 0; i < kLists; ++i) {
    if (const auto out = lists_[i].add(hash, weights[i])) leave_a_list(*out);
  }
}

void PeopleLedger::leave_a_list(std::uint64_t hash) {
  const bool is_listed =
      std::any_of(lists_.begin(), lists_.end(), [&](const HeavyHitters& list) { return list.holds(hash); });
  if (!is_listed) followed_.erase(hash);
}

void PeopleLedger::reset() {
  const SliceNumber current = current_;
  *this = PeopleLedger();
  current_ = current;
}

void PeopleLedger::write(PeopleView& view) const {
  const PeopleOrder order = view.request.order;
  for (const auto& [hash, person] : followed_) {
    // The wall clock may have been set meanwhile.
    const Nanos age = std::max(Nanos(0), view.as_of.clock.time_since_epoch() - Nanos(person.last_seen_ns));
    const WallTime last_seen = view.as_of.wall - std::chrono::duration_cast<WallTime::duration>(age);
    Person shown{person.name, {}, person.missed_requests + nameless_.requests, last_seen};
    person.history.add_to(shown.counts, view.request.window);
    if (shown.counts.requests != 0 && weight_of(shown.counts, order) > 0) view.top.push_back(std::move(shown));
  }
  std::sort(view.top.begin(), view.top.end(), [&](const Person& a, const Person& b) {
    const double of_a = weight_of(a.counts, order);
    const double of_b = weight_of(b.counts, order);
    return of_a != of_b ? of_a > of_b : a.name < b.name;
  });
  if (view.top.size() > view.request.limit) view.top.resize(view.request.limit);
  view.followed = followed_.size();
  // Whoever lost records in a stall may be anybody, listed or not.
  const auto bound = [&](std::size_t list) { return static_cast<std::uint64_t>(lists_[list].bound()); };
  view.unlisted = {bound(0), bound(1), bound(2), lists_[3].bound()};
  view.unlisted.merge(nameless_);
  const ActiveHashes active = active_.in(view.request.window, current_);
  view.active = active.value();
  view.is_active_exact = active.is_exact();
}

ActiveCounts PeopleLedger::active() const {
  ActiveCounts counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = active_.in(static_cast<Window>(i), current_).value();
  return counts;
}

std::size_t PeopleLedger::bytes() const {
  std::size_t total = sizeof(PeopleLedger) + active_.bytes();
  for (const auto& [hash, person] : followed_) {
    total += sizeof(Followed) - sizeof(person.history) + person.name.capacity() + person.history.bytes();
  }
  return total;
}

}  // namespace weir::stats
