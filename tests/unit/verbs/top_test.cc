#include "top/top_state.h"

#include <doctest/doctest.h>

#include "terminal.h"

using namespace weir;
using namespace weir::verbs;
using Kind = Key::Kind;
using Reaction = TopState::Reaction;

namespace {

Json json(std::string_view text) {
  Result<Json> parsed = Json::parse(text);
  REQUIRE(parsed.is_ok());
  return std::move(parsed).value();
}

Json three_routes() {
  return json(
      R"({"total_requests":60,"total_errors":1,"error_rate":1.67,"avg_duration":1,"p50_duration":0.5,"window":"5m",
      "endpoint_stats":{"GET /a":{"total_requests":10,"time_spent":30,"p99_duration":3},
      "GET /b\u001b[2J":{"total_requests":20,"time_spent":20,"p99_duration":2},
      "POST /c":{"total_requests":30,"time_spent":10,"p99_duration":1}}})");
}

TopState filled(const Parameters& parameters = {}) {
  TopState state("http://weir:9900", "2s", parameters);
  std::vector<Json> answers;
  answers.push_back(three_routes());
  answers.push_back(json(R"({"status":"healthy"})"));
  state.take(std::move(answers));
  return state;
}

std::string screen(TopState& state, std::size_t columns = 120, std::size_t rows = 12) {
  return printed(state.frame(columns, rows).page, false);
}

Reaction type(TopState& state, std::string_view text) {
  Reaction last = Reaction::draw;
  for (const char c : text) last = state.press({Kind::character, c});
  return last;
}

std::vector<std::string> rows_of(TopState& state) {
  std::vector<std::string> names;
  const Frame frame = state.frame(120, 12);
  for (std::size_t i = 5; i + 1 < frame.page.size(); ++i) {
    if (!frame.page[i].empty()) names.push_back(frame.page[i].front().text);
  }
  return names;
}

std::string selected(TopState& state) {
  const Frame frame = state.frame(120, 12);
  return frame.selected ? frame.page[*frame.selected].front().text : "";
}

}  // namespace

TEST_CASE("top: asks for what it shows, with what it was told to keep to") {
  CHECK(TopState("u", "2s", {}).questions() ==
        std::vector<std::string>{"/admin/performance/stats?window=5m", "/admin/performance/health"});
  CHECK(TopState("u", "2s", {{"group", "a b"}, {"window", "1h"}, {"sort", "tag"}}).questions().front() ==
        "/admin/performance/stats?group=a%20b&window=1h");
}

TEST_CASE("top: a frame fills the screen exactly, and nothing in it commands the terminal") {
  TopState state = filled();
  for (const std::size_t rows : {1, 2, 5, 7, 12, 40}) CHECK(state.frame(80, rows).page.size() >= rows);
  CHECK(state.frame(80, 12).page.size() == 12);
  const std::string text = screen(state);
  CHECK(text.find("healthy") != std::string::npos);
  CHECK(text.find("GET /b\\x1b[2J") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("top: orders by any column, most first, and by name") {
  TopState state = filled();
  CHECK(rows_of(state) == std::vector<std::string>{"GET /a", "GET /b\\x1b[2J", "POST /c"});
  type(state, "ss");  // the route's name, then the number of requests
  CHECK(rows_of(state) == std::vector<std::string>{"POST /c", "GET /b\\x1b[2J", "GET /a"});
  type(state, "S");
  CHECK(rows_of(state).front() == "GET /a");
  TopState by_name = filled({{"sort", "tag"}});
  CHECK(rows_of(by_name).front() == "GET /a");
}

TEST_CASE("top: the selection stays with its route when the order changes, and within the list") {
  TopState state = filled();
  CHECK(selected(state).empty());
  state.press({Kind::down});
  CHECK(selected(state) == "GET /a");
  type(state, "ss");
  CHECK(selected(state) == "GET /a");
  for (int i = 0; i < 5; ++i) type(state, "j");
  CHECK(selected(state) == "GET /a");
  state.press({Kind::home});
  CHECK(selected(state) == "POST /c");
  type(state, "k");
  CHECK(selected(state) == "POST /c");
  state.press({Kind::end});
  CHECK(selected(state) == "GET /a");
}

TEST_CASE("top: a long list scrolls so that the selected route is on the screen") {
  TopState state = filled();
  state.press({Kind::end});
  const Frame frame = state.frame(120, 7);  // one row for routes
  REQUIRE(frame.selected);
  CHECK(frame.page[*frame.selected].front().text == "POST /c");
}

TEST_CASE("top: a filter is typed, kept and dropped; its letters are no commands") {
  TopState state = filled();
  type(state, "/q");
  CHECK(rows_of(state) == std::vector<std::string>{"no route has that in its name"});
  state.press({Kind::backspace});
  type(state, "POST");
  CHECK(screen(state).find("filter: POST_") != std::string::npos);
  state.press({Kind::enter});
  CHECK(rows_of(state) == std::vector<std::string>{"POST /c"});
  state.press({Kind::escape});
  CHECK(rows_of(state).size() == 3);
  CHECK(type(state, "q") == Reaction::quit);
}

TEST_CASE("top: the window turns both ways, and is asked for at once") {
  TopState state = filled();
  CHECK(type(state, "w") == Reaction::ask);
  CHECK(state.questions().front() == "/admin/performance/stats?window=1h");
  type(state, "WWW");
  CHECK(state.questions().front() == "/admin/performance/stats?window=all");
}

TEST_CASE("top: a route opens with its phases and its slow requests, and closes") {
  TopState state = filled();
  state.press({Kind::down});
  CHECK(state.press({Kind::enter}) == Reaction::ask);
  CHECK(state.questions() ==
        std::vector<std::string>{"/admin/performance/stats?route=GET%20%2Fa&window=5m",
                                 "/admin/performance/slow-queries?route=GET%20%2Fa&window=5m&limit=20"});
  CHECK(screen(state).find("asking ...") != std::string::npos);
  std::vector<Json> answers;
  answers.push_back(json(R"({"total_requests":10,"phases":{"wait":{"avg":0.2,"p95":0.3,"p99":0.4}},
      "components":{"db":{"avg":0.1}},"caches":{"l1":{"hit_rate":98}},"status":{"2xx":10}})"));
  answers.push_back(json(R"({"slow_queries":[{"method":"GET","path":"/a/7","duration":1.5,"phases":{"wait":1.4}}]})"));
  state.take(std::move(answers));
  const std::string text = screen(state, 120, 40);
  for (const char* part : {"GET /a\n", "wait    200 ms", "db ", "l1 ", "/a/7", "wait 1.40 s"}) {
    CHECK_MESSAGE(text.find(part) != std::string::npos, text);
  }
  type(state, "jjjj");
  CHECK(state.frame(120, 10).page.size() == 10);
  CHECK(state.press({Kind::escape}) == Reaction::ask);
  CHECK(rows_of(state).size() == 3);
}

TEST_CASE("top: figures that could not be renewed stay, marked as stale") {
  TopState state = filled();
  state.fail("connection refused");
  CHECK(screen(state).find("stale: connection refused") != std::string::npos);
  CHECK(rows_of(state).size() == 3);
  CHECK(TopState("u", "2s", {}).frame(80, 10).page.size() == 10);
}
