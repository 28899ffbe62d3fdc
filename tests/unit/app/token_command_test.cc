#include <weir/app/token_command.h>

#include <sstream>

#include <doctest/doctest.h>

#include <weir/admin/token_hash.h>

using namespace weir;
using admin::TokenHash;
using app::Exit;
using app::TokenLine;

namespace {

struct Said {
  Exit exit;
  std::string out;
  std::string notes;
};

Said run(const TokenLine& line, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream notes;
  const Exit exit = app::token_command(line, in, out, notes);
  return {exit, out.str(), notes.str()};
}

/// What stands after `label` in its line.
std::string line_after(const std::string& text, const std::string& label) {
  const std::size_t start = text.find(label) + label.size();
  return text.substr(start, text.find('\n', start) - start);
}

}  // namespace

TEST_CASE("token: the line for the configuration is of the token that is shown") {
  const Said said = run({});
  CHECK(said.exit == Exit::success);
  const std::string token = line_after(said.out, "token   ");
  const auto hash = TokenHash::parse(line_after(said.out, "config  - "));
  REQUIRE(hash);
  CHECK(hash.value().is_of(token));
  CHECK(said.notes.find(token) == std::string::npos);
}

TEST_CASE("token: a name and a role stand in the line") {
  const Said said = run({.hashes = false, .name = "grafana", .role = admin::Grant::viewer});
  CHECK(said.out.find("\", name: \"grafana\", role: viewer }") != std::string::npos);
  CHECK(said.out.find("config  - { token: \"sha256:") != std::string::npos);
}

TEST_CASE("token: one that is there already is hashed, and nothing else is printed") {
  const std::string token(40, 'x');
  for (const char* end : {"", "\n", "\r\n", "\nmore\n"}) {
    const Said said = run({.hashes = true, .name = {}}, token + end);
    CHECK(said.exit == Exit::success);
    CHECK(TokenHash::parse(said.out.substr(0, said.out.size() - 1)).value().is_of(token));
    CHECK(said.notes.empty());
  }
}

TEST_CASE("token: a short one is hashed with a warning, what no header carries is refused") {
  CHECK(run({.hashes = true, .name = {}}, "short").exit == Exit::success);
  CHECK(run({.hashes = true, .name = {}}, "short").notes.find("fewer than 32") != std::string::npos);
  for (const char* wrong : {"", "\n", "two words", "t\xc3\xa4st", "sha256:0123456789abcdef:00"}) {
    const Said said = run({.hashes = true, .name = {}}, wrong);
    CHECK(said.exit == Exit::usage);
    CHECK(said.out.empty());
  }
}
