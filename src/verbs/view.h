#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <weir/verbs/show.h>

#include "json.h"
#include "text.h"

namespace weir::verbs {

/// How one subject is asked for and shown.
struct View {
  Subject subject;
  std::string_view path;  ///< of the API
  /// `width`: columns to keep to; 0: as wide as it gets.
  Page (*draw)(const Json& answer, std::size_t width);
  /// What is asked for where nobody says otherwise and a table is to be shown.
  std::string_view default_sort = {};
};

const View& view_of(Subject subject);

Page draw_stats(const Json& answer, std::size_t width);
/// Its first lines: all routes together.
Page draw_summary(const Json& answer);
Page draw_routes(const Json& answer, std::size_t width);
Page draw_slow(const Json& answer, std::size_t width);
Page draw_errors(const Json& answer, std::size_t width);
Page draw_health(const Json& answer, std::size_t width);
Page draw_users(const Json& answer, std::size_t width);
Page draw_tenants(const Json& answer, std::size_t width);
Page draw_services(const Json& answer, std::size_t width);
Page draw_system(const Json& answer, std::size_t width);
Page draw_cache(const Json& answer, std::size_t width);
Page draw_marks(const Json& answer, std::size_t width);
Page draw_networks(const Json& answer, std::size_t width);
Page draw_events(const Json& answer, std::size_t width);

/// Adds `value label` to a line of facts: `400 requests`.
void add_fact(Line& line, std::string value, std::string_view label, Style style = Style::strong);
/// The same of a number of things: `1 request`, `400 requests`.
void add_count(Line& line, const Json& count, std::string_view thing, std::string_view more = {},
               Style style = Style::strong);
/// `request`, `requests`
std::string plural(double count, std::string_view thing);
/// Ends a page with a sentence under an empty line.
void add_note(Page& page, std::string text);
/// Adds a table's page.
void append(Page& page, Page more);

/// How an error rate in percent, a state, a count of what should not be looks.
Style style_of_error_rate(double percent);
Style style_of_state(std::string_view state);
Style style_of_status(double status);
/// A cell that stands out only where it is not zero.
Span warning_count(const Json& count);

/// `over the last 5m`, `since 2026-01-31 10:30:00`
std::string span_text(const Json& answer);

}  // namespace weir::verbs
