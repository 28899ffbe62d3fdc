#include <fmt/format.h>

#include "../quantities.h"
#include "../table.h"
#include "../view.h"

namespace weir::verbs {

namespace {

/// `key`: what turns it on.
Page draw_people(const Json& answer, std::size_t width, std::string_view kind, std::string_view key) {
  Page page;
  if (answer["source"].is_null()) {
    add_note(page, fmt::format("{}s are not told apart ({} in the configuration does that)", kind, key));
    return page;
  }
  Line counts;
  const bool is_exact = answer["active_relative_error"].number_or(0) == 0;
  add_fact(counts, (is_exact ? "" : "about ") + count_text(answer["active"].number()),
           fmt::format("active {} {}", plural(answer["active"].number_or(0), kind), span_text(answer)));
  counts.push_back({fmt::format("   from {}", harmless(answer["source"].text())), Style::faint});
  page.push_back(counts);
  const auto& people = answer[fmt::format("{}s", kind)].items();
  if (people.empty()) {
    add_note(page, fmt::format("no request has named a {}", kind));
    return page;
  }
  using Align = Column::Align;
  std::string title(kind);
  for (char& c : title) c = static_cast<char>(c - ('a' - 'A'));
  Table table({{title, Align::left, 16},
               {"REQUESTS"},
               {"ERRORS"},
               {"RATE LIMITED", Align::right, 0, 1},
               {"AVERAGE", Align::right, 0, 3},
               {"TIME SPENT", Align::right, 0, 2},
               {fmt::format("LAST SEEN ({})", time_zone()), Align::left, 0, 4}});
  for (const Json& person : people) {
    const double error_rate = person["error_rate"].number_or(0);
    table.add({{std::string(person[kind].text()), Style::strong},
               {count_text(person["total_requests"].number())},
               {percent_text(error_rate), style_of_error_rate(error_rate)},
               warning_count(person["rate_limited"]),
               {duration_text(person["avg_duration"].number())},
               {duration_text(person["time_spent"].number())},
               {local_time_text(person["last_seen"].text()), Style::faint}});
  }
  page.push_back({});
  append(page, table.page(width));
  const double unlisted = answer["unlisted_at_most"]["total_requests"].number_or(0);
  if (unlisted > 0)
    add_note(page, fmt::format("whoever is not followed had at most {} requests", count_text(unlisted)));
  return page;
}

}  // namespace

Page draw_users(const Json& answer, std::size_t width) { return draw_people(answer, width, "user", "measure.user"); }
Page draw_tenants(const Json& answer, std::size_t width) {
  return draw_people(answer, width, "tenant", "measure.tenant");
}
Page draw_networks(const Json& answer, std::size_t width) {
  return draw_people(answer, width, "network", "measure.client_networks");
}

}  // namespace weir::verbs
