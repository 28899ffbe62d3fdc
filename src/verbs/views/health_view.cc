#include "../quantities.h"
#include "../view.h"

namespace weir::verbs {

Page draw_health(const Json& answer, std::size_t) {
  const std::string state(answer["status"].text());
  const Json& metrics = answer["metrics"];
  Line line = {{harmless(state), style_of_state(state)}};
  add_count(line, metrics["total_requests"], "request", " " + span_text(answer));
  add_fact(line, percent_text(metrics["error_rate"].number()), "errors");
  add_fact(line, count_text(metrics["slow_queries"].number()), "slow");
  line.push_back({"   up " + harmless(metrics["uptime"].text()), Style::faint});
  Page page = {line};
  for (const Json& reason : answer["reasons"].items()) page.push_back({{"  " + harmless(reason.text())}});
  return page;
}

}  // namespace weir::verbs
